// Several indicators of one place, each with the country's value beside it.
import { Figures, loadFigures, type Cell, type Indicator } from "../api";
import { nameOf, useLoad, usePage, type Loaded } from "../context";
import { PlaceFinder } from "../parts";
import type { Rows } from "../charts/frame";

export interface Shown {
  indicator: Indicator;
  period: string; // the latest year, or the newest period of a table without years
  at: (measure: string, geo?: string) => Cell; // of the place, or of another
}

export const find = (indicators: Indicator[], id: string) => indicators.find((one) => one.id === id);

// By id; those that are published.
export function useSeveral(ids: string[], area: string): Loaded<Map<string, Shown>> {
  const { indicators, state } = usePage();
  const published = ids.map((id) => find(indicators, id)).filter((one): one is Indicator => one !== undefined);
  return useLoad(
    async () =>
      new Map(
        await Promise.all(
          published.map(async (indicator): Promise<[string, Shown]> => {
            const period = [...indicator.periods].reverse().find((one) => /^\d{4}$/.test(one)) ?? indicator.periods[indicator.periods.length - 1];
            const measures = indicator.kind === "count" ? "value,lower,upper" : "value,lower,upper,denominator";
            const geo = area === "0" ? "0" : `0,${area}*`; // a pattern: a table of another series may lack the place
            const figures: Figures = await loadFigures(indicator.table, { GEO: geo, AAR: period, MEASURE_TYPE: measures, release: String(indicator.release) }, state.lang);
            return [indicator.id, { indicator, period, at: (measure, of = area) => figures.at({ GEO: of, AAR: period, MEASURE_TYPE: measure }) }];
          }),
        ),
      ),
    [area, state.lang, published.map((one) => one.table).join()],
  );
}

// The head of such a view: what it is, of which place, and the way to another.
export function PlaceHead({ title, text }: { title: string; text: string }) {
  const page = usePage();
  return (
    <section class="page-head">
      <h1 class="ds-heading" data-size="lg">{title}</h1>
      <p class="lead">{nameOf(page, page.state.area)}</p>
      <p>{text}</p>
      <PlaceFinder to={(code) => ({ area: code })} />
    </section>
  );
}

// The rows as a file to save.
export function csvOf({ head, rows }: Rows): string {
  const field = (cell: string | number) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replace(/"/g, '""')}"` : String(cell));
  return "data:text/csv;charset=utf-8," + encodeURIComponent([head, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n");
}

// Municipalities side by side: funnel, intervals or tiles of the same figures.
import { dataAddress, Figures, type Indicator } from "../api";
import { Frame } from "../charts/frame";
import { Funnel } from "../charts/funnel";
import { Intervals, type Interval } from "../charts/intervals";
import { MapChart } from "../charts/map";
import { nameOf, usePage } from "../context";
import { isMunicipality, isPool, number, withUnit } from "../format";
import { estimateOf } from "../parts";
import type { Similar } from "../similar";
import { addressOf, type PlacesChart as Kind } from "../state";
import { spreadOf, type Estimate } from "../statistics";
import { measures, sourceLine, spoken } from "./indicator";

const most = 30; // rows of intervals

export function PlacesChart({ indicator, figures, similar, area, period }: { indicator: Indicator; figures: Figures; similar: Similar; area: string; period: string }) {
  const page = usePage();
  const { words, state, go, areas } = page;
  const codes = figures.codes("GEO").filter(isMunicipality);
  const estimates = codes.map((code) => estimateOf(figures, { GEO: code, AAR: period })).filter((one): one is Estimate => one !== null);
  const spread = spreadOf(estimates);
  const sized = estimates.filter((one) => one.size > 0).length > 10;
  const kinds: Kind[] = spread && sized ? ["funnel", "intervals", "map"] : ["intervals", "map"];
  const kind = kinds.includes(state.chart) ? state.chart : kinds[0];
  const cell = (code: string, measure: string) => figures.at({ GEO: code, AAR: period, MEASURE_TYPE: measure });
  const label = (code: string) => spoken(page, indicator, figures, code, period, nameOf(page, code));
  const format = (value: number) => number(value, Math.abs(value) >= 100 || indicator.unit === "%" ? 0 : Math.min(1, indicator.decimals), state.lang);
  const open = (code: string) => go({ area: code });
  // Intervals: the similar ones, else the municipalities of the county, else the counties.
  const pools = figures.codes("GEO").filter(isPool);
  const own = isPool(area) ? area.slice(0, 2) : area;
  const county = own.length === 2 ? [...codes.filter((code) => code.startsWith(own) && cell(code, "value").status !== "pooled"), ...pools.filter((code) => code.startsWith(own))] : figures.codes("GEO").filter((code) => code.length === 2);
  const size = (code: string) => figures.at({ GEO: code, AAR: period, MEASURE_TYPE: "denominator" }).value ?? 0;
  const near = [...similar.codes].sort((a, b) => Math.abs(Math.log((size(a) + 1) / (size(area) + 1))) - Math.abs(Math.log((size(b) + 1) / (size(area) + 1)))).slice(0, most);
  const beside = similar.codes.length ? [area, ...near] : county;
  const listed = kind === "intervals" ? beside : codes;
  const intervals = beside.map((code): Interval | null => {
    const value = cell(code, "value").value;
    return value === null ? null : { code, name: nameOf(page, code), value, lower: cell(code, "lower").value, upper: cell(code, "upper").value, label: label(code) };
  }).filter((one): one is Interval => one !== null);
  const missing = beside.filter((code) => cell(code, "value").value === null);
  const text = (value: number | null) => (value === null ? "" : number(value, indicator.decimals, state.lang));
  const rows = listed.map((code) => [nameOf(page, code), text(cell(code, "value").value), text(cell(code, "lower").value), text(cell(code, "upper").value), ...(kind === "funnel" ? [cell(code, "denominator").value === null ? "" : number(cell(code, "denominator").value!, 0, state.lang)] : []), cell(code, "value").reason]);
  const geo = kind !== "intervals" ? "????" : beside === county && own.length !== 2 ? "??" : beside.join(",");
  const helps: Record<Kind, string> = { funnel: words.funnelHelp, intervals: words.intervalsHelp, map: words.mapHelp };
  return (
    <>
      <div class="choices" role="group" aria-label={words.showAs}>
        {kinds.map((one) => (
          <button key={one} type="button" class="ds-button" data-size="sm" data-variant={one === kind ? "primary" : "tertiary"} aria-pressed={one === kind} onClick={() => go({ chart: one })}>{words[one]}</button>
        ))}
      </div>
      <Frame
        key={kind}
        id={`${indicator.id}-${period}-${kind}`}
        title={`${indicator.title}, ${period}`}
        subtitle={`${withUnit("", indicator.unit)}. ${words[kind]}${area !== "0" ? `. ${nameOf(page, area)} ${words.selected}` : ""}.`.replace(/^\s*/, "")}
        source={sourceLine(page, indicator)}
        help={helps[kind]}
        table={{ head: [words.area, words.value, words.lower, words.upper, ...(kind === "funnel" ? [words.persons] : []), words.note], rows }}
        csv={dataAddress(indicator.table, { GEO: geo, AAR: period, MEASURE_TYPE: kind === "funnel" ? `${measures},denominator` : measures, release: String(indicator.release) }, state.lang, ".csv")}
        link={addressOf(state)}
        embed={addressOf({ ...state, embed: "places" })}
        words={words}
      >
        {kind === "funnel" && spread && (
          <Funnel places={estimates} spread={spread} own={area} similar={new Set(similar.codes)} format={format} sizeLabel={words.sizeAxis} limitLabels={[words.limit95, words.limit998]} label={(place) => label(place.code)} open={open} title={`${words.funnel}. ${words.keyboard}`} />
        )}
        {kind === "intervals" && (
          <>
            <Intervals places={intervals} own={area} mean={spread?.mean ?? null} format={format} open={open} title={`${words.intervals}. ${words.keyboard}`} />
            {near.length < similar.codes.length && <p class="help">{words.nearestOf(near.length, similar.codes.length)}</p>}
            {missing.length > 0 && (
              <ul class="missing-list">{missing.map((code) => <li key={code}>{nameOf(page, code)}: {cell(code, "value").reason}</li>)}</ul>
            )}
          </>
        )}
        {kind === "map" && (
          <MapChart tilesHelp={words.mapTiles} borderSource={words.borderSource} tiles={codes.map((code) => ({ code, name: nameOf(page, code), value: cell(code, "value").value, label: label(code) }))} counties={areas.filter((one) => one.code.length === 2)} own={area} format={format} open={open} title={`${words.map}. ${words.keyboard}`} />
        )}
      </Frame>
    </>
  );
}

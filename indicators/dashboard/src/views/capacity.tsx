// Places, how they are used, who waits and how long, by kind of place, for one place; and who waits in hospital.
import type { Indicator } from "../api";
import { Go, nameOf, usePage, Waiting } from "../context";
import { number, withUnit } from "../format";
import type { Words } from "../words";
import { sourceLine } from "./indicator";
import { csvOf, find, PlaceHead, useSeveral, type Shown } from "./several";

type Column = "places" | "per1000" | "inUse" | "turnover" | "waiting" | "waitingDays" | "declined";
const columns: Column[] = ["places", "per1000", "inUse", "turnover", "waiting", "waitingDays", "declined"];
type Kind = keyof Words["placeKinds"];
const kinds: Record<Kind, Partial<Record<Column, string>>> = {
  all: { places: "places_available", per1000: "places_per_1000_aged_80", inUse: "occupancy", turnover: "stays_per_place" },
  longStay: { places: "long_stay_places", per1000: "long_stay_places_per_1000_aged_80", inUse: "occupancy_long_stay", turnover: "stays_per_long_stay_place", waiting: "waiting_for_place", waitingDays: "place_waiting_days", declined: "long_stay_applications_declined" },
  timeLimited: { places: "time_limited_places", inUse: "occupancy_time_limited", turnover: "stays_per_time_limited_place", waiting: "waiting_for_time_limited_stay", waitingDays: "time_limited_waiting_days", declined: "time_limited_applications_declined" },
  staffedHousing: { places: "staffed_housing_places", per1000: "staffed_housing_per_1000_aged_80" },
  housing: { waiting: "waiting_for_housing", waitingDays: "housing_waiting_days", declined: "housing_applications_declined" },
  dementia: { places: "dementia_places" },
  palliative: { places: "palliative_places" },
  dayActivity: { places: "day_activity_places" },
  emergency: { inUse: "occupancy_emergency" },
  emergencySomatic: { places: "emergency_somatic_places" },
  emergencyPsychiatric: { places: "emergency_psychiatric_places" },
};
const ofHospital = ["hospital_days_when_ready", "hospital_discharges_received_same_day", "general_practitioner_after_hospital", "medication_reconciliation_after_hospital"];
const all = [...Object.values(kinds).flatMap((kind) => Object.values(kind)), ...ofHospital];

export const hasCapacity = (indicators: Indicator[]) => all.some((id) => find(indicators, id));

export function CapacityView() {
  const { words, state } = usePage();
  const { data, failed } = useSeveral(all, state.area || "0");
  return (
    <>
      <PlaceHead title={words.capacity} text={words.capacityText} />
      {data ? <><ByKind shown={data} /><FromHospital shown={data} /></> : <Waiting failed={failed} />}
    </>
  );
}

function useTexts() {
  const { words, state } = usePage();
  const figure = (one: Shown, geo?: string) => {
    const { value, reason } = one.at("value", geo);
    return value === null ? reason : withUnit(number(value, one.indicator.decimals, state.lang), one.indicator.unit === "%" ? "%" : "");
  };
  // Of a count, the country's is of another size.
  const country = (one: Shown) => (!state.area || one.indicator.kind === "count" ? "" : `${words.country}: ${figure(one, "0")}`);
  return { figure, country };
}

function ByKind({ shown }: { shown: Map<string, Shown> }) {
  const page = usePage();
  const { words, state } = page;
  const { figure, country } = useTexts();
  const at = (kind: Kind, column: Column) => shown.get(kinds[kind][column] ?? "");
  const rows = (Object.keys(kinds) as Kind[]).filter((kind) => columns.some((column) => at(kind, column)));
  const headed = columns.filter((column) => rows.some((kind) => at(kind, column)));
  if (rows.length === 0) return null;
  const first = [...shown.values()][0];
  const raw = (one: Shown, geo?: string) => one.at("value", geo).value ?? "";
  const table = {
    head: [words.area, "GEO", words.kindOfPlace, words.measure, words.indicator, words.period, words.value, words.unit, words.note, words.country],
    rows: rows.flatMap((kind) => headed.flatMap((column) => {
      const one = at(kind, column);
      return one ? [[nameOf(page, state.area), state.area || "0", words.placeKinds[kind], words.placeMeasures[column], one.indicator.title, one.period, raw(one), one.indicator.unit, one.at("value").reason, one.indicator.kind === "count" ? "" : raw(one, "0")]] : [];
    })),
  };
  const inPeriod = (one: Shown) => (one.period === first.period ? "" : `${one.period}. `);
  return (
    <section aria-labelledby="by-kind">
      <h2 id="by-kind" class="ds-heading" data-size="md">{words.byKind}</h2>
      <div class="table-scroll table-scroll--whole" tabIndex={0} role="region" aria-label={words.table}>
        <table class="ds-table kinds" data-size="sm">
          <thead><tr><th scope="col">{words.kindOfPlace}</th>{headed.map((column) => <th key={column} scope="col">{words.placeMeasures[column]}</th>)}</tr></thead>
          <tbody>
            {rows.map((kind) => (
              <tr key={kind}>
                <th scope="row">{words.placeKinds[kind]}</th>
                {headed.map((column) => {
                  const one = at(kind, column);
                  return <td key={column}>{one && <><Go to={{ view: "indicator", table: one.indicator.table }}><span class="sr-only">{one.indicator.title}: </span>{figure(one)}</Go><span class="more-line">{inPeriod(one)}{country(one)}</span></>}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="source">{first.period}. {sourceLine(page, first.indicator)} <a class="ds-link" href={csvOf(table)} download={`places-${state.area || "0"}.csv`}>{words.csv}</a></p>
    </section>
  );
}

function FromHospital({ shown }: { shown: Map<string, Shown> }) {
  const { words } = usePage();
  const { figure, country } = useTexts();
  const list = ofHospital.map((id) => shown.get(id)).filter((one): one is Shown => one !== undefined);
  if (list.length === 0) return null;
  return (
    <section aria-labelledby="from-hospital">
      <h2 id="from-hospital" class="ds-heading" data-size="md">{words.fromHospital}</h2>
      <div class="cards">
        {list.map((one) => (
          <article key={one.indicator.table} class="card">
            <h3 class="card-title"><Go to={{ view: "indicator", table: one.indicator.table }}>{one.indicator.title}</Go></h3>
            <p class="figure"><strong>{figure(one)}</strong>{one.indicator.unit !== "%" && one.at("value").value !== null && <span class="unit"> {one.indicator.unit}</span>}</p>
            <p class="card-foot">{one.period}{country(one) && ` · ${country(one)}`}</p>
          </article>
        ))}
      </div>
    </section>
  );
}

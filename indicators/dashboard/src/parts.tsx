// Small parts that several views use.
import { useId, useState } from "preact/hooks";
import { Figures, type Cell, type Indicator } from "./api";
import { Go, nameOf, usePage } from "./context";
import { number, poolOf, withUnit } from "./format";
import { errorOf, type Estimate, type Standing, type Trend } from "./statistics";
import type { State } from "./state";
import type { Language } from "./words";

// A figure with its interval, or why there is none.
export function Figure({ indicator, value, lower, upper }: { indicator: Indicator; value: Cell; lower: Cell; upper: Cell }) {
  const { state, words } = usePage();
  if (value.value === null) return <p class="figure figure--missing"><span aria-hidden="true">–</span> {value.reason}</p>;
  const text = (one: number) => number(one, indicator.decimals, state.lang);
  return (
    <p class="figure">
      <strong>{withUnit(text(value.value), indicator.unit === "%" ? "%" : "")}</strong>
      {indicator.unit !== "%" && <span class="unit"> {indicator.unit}</span>}
      {lower.value !== null && upper.value !== null && <span class="range"> {words.interval}: {text(lower.value)}–{text(upper.value)}</span>}
      {value.status && <span class="range"> ({value.reason.toLowerCase()})</span>}
    </p>
  );
}

// The figure alone, in a line of text.
export function shortFigure(indicator: Indicator, cell: Cell, language: Language): string {
  if (cell.value === null) return cell.reason;
  return withUnit(number(cell.value, indicator.decimals, language), indicator.unit);
}

export function estimateOf(figures: Figures, places: Record<string, string>): Estimate | null {
  const { value, status } = figures.at({ ...places, MEASURE_TYPE: "value" });
  // A figure of an earlier release, shown again, is no observation of its own.
  if (value === null || status === "not_approved_last_release") return null;
  const lower = figures.at({ ...places, MEASURE_TYPE: "lower" }).value, upper = figures.at({ ...places, MEASURE_TYPE: "upper" }).value;
  const size = figures.at({ ...places, MEASURE_TYPE: "denominator" }).value ?? 0;
  return { code: places.GEO, value, error: lower !== null && upper !== null ? errorOf(lower, upper) : 0, size };
}

// "better", "worse" or nothing, for a value that is higher or lower.
function judged(indicator: Indicator, up: boolean): "good" | "bad" | "" {
  if (indicator.direction === "higher_is_better") return up ? "good" : "bad";
  if (indicator.direction === "lower_is_better") return up ? "bad" : "good";
  return "";
}

// Never by colour alone: an arrow and words.
export function StandingTag({ indicator, standing }: { indicator: Indicator; standing: Standing }) {
  const { words } = usePage();
  const up = standing.startsWith("higher"), differs = up || standing.startsWith("lower");
  const tone = differs ? judged(indicator, up) : "";
  const suffix = tone === "good" ? ` (${words.better})` : tone === "bad" ? ` (${words.worse})` : "";
  return <p class={`standing ${tone && `standing--${tone}`}`}><span aria-hidden="true">{up ? "▲" : differs ? "▼" : standing === "asOthers" ? "≈" : "–"}</span> {words[standing]}{suffix}</p>;
}

export function TrendText({ indicator, trend, from, to }: { indicator: Indicator; trend: Trend; from: string; to: string }) {
  const { words } = usePage();
  if (trend === "noTrend") return <p class="trend">{words.noTrend}</p>;
  const tone = trend === "steady" ? "" : judged(indicator, trend === "rising");
  const suffix = tone === "good" ? ` (${words.better})` : tone === "bad" ? ` (${words.worse})` : "";
  return <p class={`trend ${tone && `standing--${tone}`}`}><span aria-hidden="true">{trend === "rising" ? "↗" : trend === "falling" ? "↘" : "→"}</span> {words[trend](from, to)}{suffix}</p>;
}

// A field that lists what it finds as links.
export function Finder({ label, hint, find }: { label: string; hint: string; find: (text: string) => { name: string; more: string; to: Partial<State> }[] }) {
  const { words } = usePage();
  const [text, setText] = useState("");
  const id = useId();
  const found = text.trim().length >= 2 ? find(text.trim().toLowerCase()) : [];
  return (
    <div class="finder">
      <label for={id} class="finder-label">{label}</label>
      <input id={id} class="ds-input" type="search" autocomplete="off" placeholder={hint} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <p class="sr-only" role="status">{text.trim().length >= 2 ? words.results(found.length) : ""}</p>
      {text.trim().length >= 2 && (
        <ul class="found">
          {found.slice(0, 7).map((one) => (
            <li key={one.name + one.more}><Go to={one.to} class="found-link"><span>{one.name}</span><span class="more">{one.more}</span></Go></li>
          ))}
          {found.length === 0 && <li class="found-none">{words.results(0)}</li>}
        </ul>
      )}
    </div>
  );
}

// From a municipality that is shown with others to where it is.
export function PoolLink({ cell, area }: { cell: Cell; area: string }) {
  const page = usePage();
  const pool = poolOf(area);
  return cell.status === "pooled" ? <p><Go to={{ area: pool }}>{nameOf(page, pool)}</Go></p> : null;
}

export function PlaceFinder({ to }: { to: (code: string) => Partial<State> }) {
  const page = usePage();
  const { words, areas } = page;
  return (
    <Finder
      label={words.findPlace}
      hint={words.findPlaceHint}
      find={(text) =>
        areas
          .filter((area) => area.name.toLowerCase().includes(text) || area.code === text)
          .sort((a, b) => Number(b.name.toLowerCase().startsWith(text)) - Number(a.name.toLowerCase().startsWith(text)) || b.code.length - a.code.length || a.name.localeCompare(b.name))
          .map((area) => ({
            name: area.name,
            more: area.code.length > 2 ? areas.find((county) => county.code === area.code.slice(0, 2))?.name ?? "" : page.state.lang === "nb" ? "fylke" : "county",
            to: to(area.code),
          }))
      }
    />
  );
}

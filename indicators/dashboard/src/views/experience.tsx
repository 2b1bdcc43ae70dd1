// What users answer beside what relatives answer, question by question, for one place. The two have questionnaires of
// their own, so that no line goes from one to the other.
import type { Indicator } from "../api";
import { Frame } from "../charts/frame";
import { Intervals, type Interval } from "../charts/intervals";
import { Go, nameOf, usePage, Waiting } from "../context";
import { number } from "../format";
import { addressOf } from "../state";
import { sourceLine, spokenOf } from "./indicator";
import { csvOf, find, PlaceHead, useSeveral, type Shown } from "./several";

const ofUsers = ["user_experience", "user_experience_access", "user_experience_information", "user_experience_participation", "user_experience_respect", "user_experience_safety", "user_experience_continuity", "user_experience_outcome"];
const ofRelatives = ["relative_experience", "relative_experience_information", "relative_experience_cooperation", "relative_experience_support", "relative_experience_own_health", "relative_experience_trust", "relative_experience_user_safety"];
const rates = ["user_response_rate", "daily_life_response_rate", "resident_response_rate", "relative_response_rate"];
const shares = ["user_satisfied", "resident_satisfied", "relative_satisfied", "user_lonely"];

export const hasExperience = (indicators: Indicator[]) => [...ofUsers, ...ofRelatives].some((id) => find(indicators, id));

// "Relatives' experience: trust in the service, index 0-100": what it is about.
function questionOf(title: string): string {
  const about = title.replace(/, ind(eks|ex) 0-100$/, "").replace(/^[^:]*: /, "");
  return about[0].toUpperCase() + about.slice(1);
}

export function ExperienceView() {
  const { words, state } = usePage();
  const area = state.area || "0";
  const { data, failed } = useSeveral([...ofUsers, ...ofRelatives, ...rates, ...shares], area);
  const pick = (ids: string[]) => ids.map((id) => data?.get(id)).filter((one): one is Shown => one !== undefined);
  return (
    <>
      <PlaceHead title={words.experience} text={words.experienceText} />
      {!data && <Waiting failed={failed} />}
      {data && <div class="pair">
        <Questions id="users" title={words.ofUsers} shown={pick(ofUsers)} />
        <Questions id="relatives" title={words.ofRelatives} shown={pick(ofRelatives)} />
      </div>}
      {pick(rates).length > 0 && <Questions id="rates" title={words.rates} of={words.invited} shown={pick(rates)} />}
      {pick(shares).length > 0 && <Questions id="shares" title={words.shares} shown={pick(shares)} />}
    </>
  );
}

// `of`: who the denominator is; where nothing is said, those who answered.
function Questions({ id, title, of, shown }: { id: string; title: string; of?: string; shown: Shown[] }) {
  const page = usePage();
  const { words, state, go } = page;
  const area = state.area || "0";
  if (shown.length === 0) return null;
  const text = (one: Shown, value: number | null) => (value === null ? "" : number(value, one.indicator.decimals, state.lang));
  const rows = shown.map((one): Interval | null => {
    const value = one.at("value").value;
    const label = spokenOf(page, one.indicator, one.at, `${one.indicator.title}, ${one.period}`);
    return value === null ? null : { code: one.indicator.table, name: questionOf(one.indicator.title), value, lower: one.at("lower").value, upper: one.at("upper").value, beside: area === "0" ? null : one.at("value", "0").value, label };
  }).filter((one): one is Interval => one !== null);
  const missing = shown.filter((one) => one.at("value").value === null);
  const counted = (one: Shown) => { const count = one.at("denominator").value; return count === null ? "" : number(count, 0, state.lang); };
  const table = {
    head: [words.indicator, words.period, words.value, words.lower, words.upper, of ?? words.responses, words.country, words.note],
    rows: shown.map((one) => [one.indicator.title, one.period, text(one, one.at("value").value), text(one, one.at("lower").value), text(one, one.at("upper").value), counted(one), text(one, one.at("value", "0").value), one.at("value").reason]),
  };
  const first = shown[0];
  return (
    <section aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`} class="ds-heading" data-size="md">{title}</h2>
      <Frame
        id={id}
        title={nameOf(page, state.area)}
        subtitle={`${first.period}. 0–100. ${words.interval}${area === "0" ? "" : `. ${words.markIsCountry}`}.`}
        source={sourceLine(page, first.indicator)}
        help=""
        table={table}
        csv={csvOf(table)}
        link={addressOf(state)}
        embed=""
        words={words}
      >
        {rows.length > 0 && <Intervals places={rows} own="" mean={null} scale={[0, 100]} format={(value) => number(value, 0, state.lang)} open={(code) => go({ view: "indicator", table: code })} title={`${title}. ${words.keyboard}`} />}
        {missing.length > 0 && <ul class="missing-list">{missing.map((one) => <li key={one.indicator.table}><Go to={{ view: "indicator", table: one.indicator.table }}>{one.indicator.title}</Go>: {one.at("value").reason}</li>)}</ul>}
      </Frame>
    </section>
  );
}

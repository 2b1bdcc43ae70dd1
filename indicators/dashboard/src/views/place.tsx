// One place by theme: each indicator with its trend in words and where it stands among similar municipalities.
import { loadFigures, type Indicator } from "../api";
import { Spark } from "../charts/spark";
import { Go, nameOf, useLoad, usePage, Waiting } from "../context";
import { isMunicipality, isPool } from "../format";
import { estimateOf, Figure, PlaceFinder, PoolLink, shortFigure, StandingTag, TrendText } from "../parts";
import { findSimilar, type Similar } from "../similar";
import type { SimilarBy } from "../state";
import { standingOf, trendOf, type Estimate } from "../statistics";
import { hasCapacity } from "./capacity";
import { hasExperience } from "./experience";
import { byTheme } from "./start";

export function SimilarChoice({ similar }: { similar: Similar }) {
  const page = usePage();
  const { words, state, go } = page;
  const names = similar.codes.map((code) => nameOf(page, code));
  return (
    <div class="similar">
      <label class="similar-label">
        {words.similarHow}{" "}
        <select class="ds-input" data-width="auto" value={state.similar} onChange={(event) => go({ similar: event.currentTarget.value as SimilarBy })}>
          <option value="nearest">{words.similarNearest}</option>
          <option value="group" disabled={!similar.published}>{words.similarGroup}</option>
          <option value="all">{words.similarAll}</option>
        </select>
      </label>
      {!similar.published && <p class="help">{words.similarOwn}</p>}
      {state.similar === "nearest" && names.length > 0 && <p class="help">{words.similarList(names.slice(0, -1).join(", ") + (names.length > 1 ? (state.lang === "nb" ? " og " : " and ") : "") + names[names.length - 1])}</p>}
    </div>
  );
}

export function PlaceView() {
  const page = usePage();
  const { words, state, indicators } = page;
  const similar = useLoad(() => findSimilar(state.area, state.similar, indicators, state.lang, new Map()), [state.area, state.similar, state.lang]);
  const user = indicators.find((one) => one.id === "user_experience"), relative = indicators.find((one) => one.id === "relative_experience");
  const rest = indicators.filter((one) => one !== user && one !== relative);
  return (
    <>
      <section class="page-head">
        <h1 class="ds-heading" data-size="lg">{nameOf(page, state.area)}</h1>
        {(isMunicipality(state.area) || isPool(state.area)) && <p class="lead">{nameOf(page, state.area.slice(0, 2))}</p>}
        {similar.data && isMunicipality(state.area) && <SimilarChoice similar={similar.data} />}
        {!state.area && <PlaceFinder to={(code) => ({ area: code })} />}
        <p class="ways-on">
          {hasExperience(indicators) && <Go to={{ view: "experience", table: "" }}>{words.experience}</Go>}
          {hasCapacity(indicators) && <Go to={{ view: "capacity", table: "" }}>{words.capacity}</Go>}
          <Go to={{ view: "changes" }}>{words.revisedTitle}</Go>
        </p>
      </section>
      {similar.failed && <Waiting failed />}
      {similar.data && user && relative && (
        <section aria-labelledby="experience">
          <h2 id="experience" class="ds-heading" data-size="md">{words.experience}</h2>
          <p>{words.experienceText}</p>
          <div class="rows rows--two"><Row indicator={user} similar={similar.data} /><Row indicator={relative} similar={similar.data} /></div>
        </section>
      )}
      {similar.data && byTheme(rest).map(([theme, list]) => (
        <section key={theme} aria-labelledby={`theme-${theme}`}>
          <h2 id={`theme-${theme}`} class="ds-heading" data-size="md">{words.themes[theme] ?? theme}</h2>
          <div class="rows">{list.map((indicator) => <Row key={indicator.table} indicator={indicator} similar={similar.data!} />)}</div>
        </section>
      ))}
    </>
  );
}

function Row({ indicator, similar }: { indicator: Indicator; similar: Similar }) {
  const { state, words } = usePage();
  const area = state.area || "0";
  // Patterns: a table of another series may lack one of them, and a list of hundreds would be a long address.
  const places = similar.codes.length > 40 ? "*" : ["0", area, ...similar.codes].map((code) => `${code}*`).join(",");
  const { data, failed } = useLoad(() => loadFigures(indicator.table, { GEO: places, AAR: "*", MEASURE_TYPE: "value,lower,upper", release: String(indicator.release) }, state.lang), [indicator.table, places, state.lang]);
  const period = indicator.periods[indicator.periods.length - 1];
  if (!data) return <article class="row"><h3 class="card-title">{indicator.title}</h3><Waiting failed={failed} /></article>;
  const at = (measure: string, of = period, geo = area) => data.at({ GEO: geo, AAR: of, MEASURE_TYPE: measure });
  const estimates = (of: string, geo = area) => estimateOf(data, { GEO: geo, AAR: of });
  const others = similar.codes.map((code) => estimates(period, code)).filter((one): one is Estimate => one !== null);
  const series = indicator.periods.map((of, x) => ({ x, ...(estimates(of) ?? { value: 0, error: 0 }) }));
  const known = indicator.periods.filter((of) => at("value", of).value !== null);
  return (
    <article class="row">
      <h3 class="card-title"><Go to={{ view: "indicator", table: indicator.table }}>{indicator.title}</Go></h3>
      <div class="row-figure">
        <Figure indicator={indicator} value={at("value")} lower={at("lower")} upper={at("upper")} />
        {known.length > 1 && <Spark values={indicator.periods.map((of) => at("value", of).value)} />}
      </div>
      {known.length > 1 && at("lower").value !== null && <TrendText indicator={indicator} trend={trendOf(series)} from={known[0]} to={known[known.length - 1]} />}
      {isMunicipality(area) && at("value").value !== null && at("lower").value !== null && <StandingTag indicator={indicator} standing={standingOf(estimates(period), others)} />}
      <PoolLink cell={at("value")} area={area} />
      <p class="card-foot">{period} · {words.country}: {shortFigure(indicator, at("value", period, "0"), state.lang)}</p>
    </article>
  );
}

// One indicator: how a place is doing, over time and among others, and what the figures mean.
import { dataAddress, Figures, loadFigures, loadRevisions, type Cell, type Indicator } from "../api";
import { Frame } from "../charts/frame";
import { TimeChart, type Series } from "../charts/time";
import { Go, nameOf, useLoad, usePage, Waiting, type Page } from "../context";
import { day, isMunicipality, number, withUnit } from "../format";
import { estimateOf, Figure, PlaceFinder, PoolLink, StandingTag, TrendText } from "../parts";
import { findSimilar, type Similar } from "../similar";
import { addressOf } from "../state";
import { spreadOf, standingOf, trendOf, type Estimate } from "../statistics";
import { PlacesChart } from "./places";
import { SimilarChoice } from "./place";

export const measures = "value,lower,upper";

// "2023: 58,2 %\n95 % intervall 55,7–60,7", or why there is none.
export function spoken(page: Page, indicator: Indicator, figures: Figures, geo: string, period: string, first: string): string {
  return spokenOf(page, indicator, (measure) => figures.at({ GEO: geo, AAR: period, MEASURE_TYPE: measure }), first);
}

export function spokenOf(page: Page, indicator: Indicator, at: (measure: string) => Cell, first: string): string {
  const value = at("value"), lower = at("lower").value, upper = at("upper").value;
  const text = (one: number) => number(one, indicator.decimals, page.state.lang);
  if (value.value === null) return `${first}: ${value.reason}`;
  const interval = lower !== null && upper !== null ? `\n${page.words.interval}: ${text(lower)}–${text(upper)}` : "";
  return `${first}: ${withUnit(text(value.value), indicator.unit)}${interval}${value.status ? `\n${value.reason}` : ""}`;
}

export function sourceLine(page: Page, indicator: Indicator): string {
  const { words, state } = page;
  return `${words.source}: kpr, ${words.release(indicator.release, day(indicator.releasedAt, state.lang))}. ${words.version} ${indicator.version}.`;
}

async function loadAll(page: Page, indicator: Indicator): Promise<{ figures: Figures; similar: Similar }> {
  const { state, indicators } = page;
  const withSize = indicator.kind === "proportion" || indicator.kind === "mean" || indicator.kind === "median_days" || indicator.kind === "rate" || indicator.kind === "ratio";
  const query = { GEO: "*", AAR: "*", MEASURE_TYPE: withSize ? `${measures},denominator` : measures, release: String(indicator.release) };
  const figures = await loadFigures(indicator.table, query, state.lang);
  const sizes = new Map<string, number>();
  const newest = indicator.periods[indicator.periods.length - 1];
  for (const code of figures.codes("GEO")) {
    const size = figures.at({ GEO: code, AAR: newest, MEASURE_TYPE: withSize ? "denominator" : "value" }).value;
    if (size !== null && size > 0) sizes.set(code, size);
  }
  return { figures, similar: await findSimilar(state.area, state.similar, indicators, state.lang, sizes) };
}

export function IndicatorView() {
  const page = usePage();
  const { words, state, indicators } = page;
  const indicator = indicators.find((one) => one.table === state.table);
  const { data, failed } = useLoad(() => (indicator ? loadAll(page, indicator) : Promise.reject(new Error())), [state.table, state.area, state.similar, state.lang]);
  if (!indicator || !data) return <Waiting failed={failed || !indicator} />;
  const { figures, similar } = data;
  const area = state.area || "0";
  const period = indicator.periods.includes(state.period) ? state.period : indicator.periods[indicator.periods.length - 1];
  const at = (measure: string) => figures.at({ GEO: area, AAR: period, MEASURE_TYPE: measure });
  const estimates = (of: string, geo = area) => estimateOf(figures, { GEO: geo, AAR: of });
  const others = similar.codes.map((code) => estimates(period, code)).filter((one): one is Estimate => one !== null);
  const known = indicator.periods.filter((of) => figures.at({ GEO: area, AAR: of, MEASURE_TYPE: "value" }).value !== null);
  const series = indicator.periods.map((of, x) => ({ x, ...(estimates(of) ?? { value: 0, error: 0 }) }));
  if (state.embed) {
    return (
      <>
        <h1 class="sr-only">{indicator.title}</h1>
        <h2 class="sr-only">{nameOf(page, state.area)}</h2>
        <Chart which={state.embed} indicator={indicator} figures={figures} similar={similar} area={area} period={period} />
      </>
    );
  }
  return (
    <>
      <section class="page-head">
        <p class="crumb">{words.themes[indicator.theme ?? "unspecified"]}</p>
        <h1 class="ds-heading" data-size="lg">{indicator.title}</h1>
        <div class="answer">
          <div>
            <p class="answer-place">{nameOf(page, state.area)}, {period}</p>
            <Figure indicator={indicator} value={at("value")} lower={at("lower")} upper={at("upper")} />
            <PoolLink cell={at("value")} area={area} />
            {isMunicipality(area) && at("lower").value !== null && <StandingTag indicator={indicator} standing={standingOf(estimates(period), others)} />}
            {known.length > 1 && at("lower").value !== null && <TrendText indicator={indicator} trend={trendOf(series)} from={known[0]} to={known[known.length - 1]} />}
            {isMunicipality(area) && <p><Go to={{ view: "place", table: "" }}>{words.goOverview}</Go></p>}
          </div>
          <PlaceFinder to={(code) => ({ area: code })} />
        </div>
        {isMunicipality(area) && <SimilarChoice similar={similar} />}
        <ChangedNote indicator={indicator} />
      </section>
      {indicator.periods.length > 1 && (
        <section aria-labelledby="time">
          <h2 id="time" class="ds-heading" data-size="md">{words.overTime}</h2>
          <Chart which="time" indicator={indicator} figures={figures} similar={similar} area={area} period={period} />
        </section>
      )}
      <section aria-labelledby="places">
        <h2 id="places" class="ds-heading" data-size="md">{words.places}</h2>
        <Chart which="places" indicator={indicator} figures={figures} similar={similar} area={area} period={period} />
      </section>
      <About indicator={indicator} area={area} period={period} />
    </>
  );
}

function Chart(props: { which: string; indicator: Indicator; figures: Figures; similar: Similar; area: string; period: string }) {
  return props.which === "time" ? <OverTime {...props} /> : <PlacesChart {...props} />;
}

function OverTime({ indicator, figures, similar, area }: { indicator: Indicator; figures: Figures; similar: Similar; area: string }) {
  const page = usePage();
  const { words, state } = page;
  const cell = (geo: string, period: string, measure: string) => figures.at({ GEO: geo, AAR: period, MEASURE_TYPE: measure }).value;
  const seriesOf = (geo: string, own: boolean): Series => ({
    name: nameOf(page, geo),
    own,
    points: indicator.periods.map((period) => ({ period, value: cell(geo, period, "value"), lower: cell(geo, period, "lower"), upper: cell(geo, period, "upper"), label: spoken(page, indicator, figures, geo, period, period) })),
  });
  const all = [seriesOf(area, true)];
  // A municipality's number and the country's are of different sizes.
  const comparable = indicator.kind !== "count";
  if (area !== "0" && comparable) all.push(seriesOf("0", false));
  if (similar.codes.length >= 5 && comparable) {
    const mean = (period: string) => spreadOf(similar.codes.map((code) => estimateOf(figures, { GEO: code, AAR: period })).filter((one): one is Estimate => one !== null))?.mean ?? null;
    all.push({ name: words.similar, own: false, points: indicator.periods.map((period) => ({ period, value: mean(period), lower: null, upper: null, label: "" })) });
  }
  const shown = area === "0" || !comparable ? [area] : [area, "0"];
  const text = (value: number | null) => (value === null ? "" : number(value, indicator.decimals, state.lang));
  const rows = shown.flatMap((geo) => indicator.periods.map((period) => [period, nameOf(page, geo), text(cell(geo, period, "value")), text(cell(geo, period, "lower")), text(cell(geo, period, "upper")), figures.at({ GEO: geo, AAR: period, MEASURE_TYPE: "value" }).reason]));
  return (
    <Frame
      id={`${indicator.id}-${area}-time`}
      title={`${indicator.title}: ${nameOf(page, area)}`}
      subtitle={`${indicator.unit}, ${indicator.periods[0]}–${indicator.periods[indicator.periods.length - 1]}.${all[0].points.some((p) => p.lower !== null) ? ` ${words.interval}.` : ""}`}
      source={sourceLine(page, indicator)}
      help=""
      table={{ head: [words.period, words.area, words.value, words.lower, words.upper, words.note], rows }}
      csv={dataAddress(indicator.table, { GEO: shown.join(","), AAR: "*", MEASURE_TYPE: measures, release: String(indicator.release) }, state.lang, ".csv")}
      link={addressOf(state)}
      embed={addressOf({ ...state, embed: "time" })}
      words={words}
    >
      <TimeChart
        series={all}
        periods={indicator.periods}
        target={indicator.target}
        targetLabel={words.target}
        format={(value) => number(value, indicator.unit === "%" || Math.abs(value) >= 100 ? 0 : Math.min(1, indicator.decimals), state.lang)}
        title={`${words.overTime}. ${words.keyboard}`}
      />
    </Frame>
  );
}

function ChangedNote({ indicator }: { indicator: Indicator }) {
  const page = usePage();
  const { words, state } = page;
  const { data } = useLoad(() => loadRevisions(state.lang, indicator.table, state.area || "0"), [indicator.table, state.area, state.lang]);
  const newest = data?.[0];
  if (!newest) return null;
  const count = newest.revisions.length;
  return (
    <p class="changed">
      {newest.number === 1 ? words.revisedFirst : count === 0 ? words.revisedNone : `${words.revisedCount(count)}.`}{" "}
      {newest.number > 1 && <Go to={{ view: "changes" }}>{words.revisedTitle}</Go>}
    </p>
  );
}

function About({ indicator, area, period }: { indicator: Indicator; area: string; period: string }) {
  const page = usePage();
  const { words, state } = page;
  const { data } = useLoad(() => loadFigures(indicator.table, { GEO: area, AAR: period, MEASURE_TYPE: "municipalities,declared,approved", release: String(indicator.release) }, state.lang), [indicator.table, area, period, state.lang]);
  const count = (measure: string) => data?.at({ MEASURE_TYPE: measure }).value ?? 0;
  const notes = (indicator.notes ?? []).filter((note) => !note.area || note.area === area || area === "0");
  return (
    <section aria-labelledby="about" class="about">
      <h2 id="about" class="ds-heading" data-size="md">{words.definition}</h2>
      <p>{indicator.description}</p>
      {notes.map((note) => <p key={note.text}><strong>{note.period}</strong> {note.text}</p>)}
      <dl>
        <dt>{words.source}</dt><dd>{indicator.source}</dd>
        <dt>{words.version}</dt><dd>{indicator.version}</dd>
        <dt>{words.quality}</dt>
        <dd>
          {data && (isMunicipality(area)
            ? `${words.declaredOne(count("declared") > 0)}. ${words.approvedOne(count("approved") > 0)}.`
            : `${words.declared(count("declared"), count("municipalities"))}. ${words.approved(count("approved"), count("municipalities"))}.`)}
        </dd>
      </dl>
      <p class="help">{words.protection}</p>
    </section>
  );
}

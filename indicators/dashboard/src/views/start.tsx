// Two ways in: by place and by question; beside them the country's main figures and every indicator by theme.
import { loadFigures, type Indicator } from "../api";
import { Spark } from "../charts/spark";
import { Go, useLoad, usePage, Waiting } from "../context";
import { Figure, Finder, PlaceFinder } from "../parts";

const main = ["medication_review", "user_experience", "relative_experience", "nursing_home_residents", "place_waiting_time", "occupancy"];

export function byTheme(indicators: Indicator[]): [string, Indicator[]][] {
  const themes = new Map<string, Indicator[]>();
  for (const indicator of indicators) {
    const theme = indicator.theme ?? "unspecified";
    themes.set(theme, [...(themes.get(theme) ?? []), indicator]);
  }
  const order = ["professional_practice", "patient_results", "user_experience", "relative_experience", "capacity", "organisation", "leadership", "service_use", "unspecified"];
  return [...themes.entries()].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
}

export function StartView() {
  const { words, indicators } = usePage();
  const shown = main.map((id) => indicators.find((one) => one.id === id)).filter((one): one is Indicator => one !== undefined).slice(0, 4);
  return (
    <>
      <section class="hero">
        <h1 class="ds-heading" data-size="xl">{words.heroTitle}</h1>
        <p class="lead">{words.heroText}</p>
        <div class="ways">
          <PlaceFinder to={(code) => ({ view: "place", area: code })} />
          <Finder
            label={words.findQuestion}
            hint={words.findQuestionHint}
            find={(text) =>
              indicators
                .filter((one) => `${one.title} ${one.id} ${one.description ?? ""}`.toLowerCase().includes(text))
                .sort((a, b) => Number(b.title.toLowerCase().includes(text)) - Number(a.title.toLowerCase().includes(text)))
                .map((one) => ({ name: one.title, more: words.themes[one.theme ?? "unspecified"] ?? "", to: { view: "indicator" as const, table: one.table } }))
            }
          />
        </div>
      </section>
      {shown.length > 0 && (
        <section aria-labelledby="key">
          <h2 id="key" class="ds-heading" data-size="md">{words.keyFigures}</h2>
          <div class="cards">{shown.map((indicator) => <KeyFigure key={indicator.table} indicator={indicator} />)}</div>
        </section>
      )}
      <section aria-labelledby="all">
        <h2 id="all" class="ds-heading" data-size="md">{words.allIndicators}</h2>
        <div class="themes">
          {byTheme(indicators).map(([theme, list]) => (
            <div key={theme}>
              <h3 class="ds-heading" data-size="xs">{words.themes[theme] ?? theme}</h3>
              <ul class="plain">{list.map((one) => <li key={one.table}><Go to={{ view: "indicator", table: one.table }}>{one.title}</Go></li>)}</ul>
            </div>
          ))}
        </div>
      </section>
    </>
  );
}

function KeyFigure({ indicator }: { indicator: Indicator }) {
  const { state } = usePage();
  const { data, failed } = useLoad(() => loadFigures(indicator.table, { GEO: "0", AAR: "*", MEASURE_TYPE: "value,lower,upper", release: String(indicator.release) }, state.lang), [indicator.table, state.lang]);
  const period = indicator.periods[indicator.periods.length - 1];
  const at = (measure: string, of = period) => data!.at({ GEO: "0", AAR: of, MEASURE_TYPE: measure });
  return (
    <article class="card">
      <h3 class="card-title"><Go to={{ view: "indicator", table: indicator.table, area: "" }}>{indicator.title}</Go></h3>
      {data ? (
        <div class="card-body">
          <Figure indicator={indicator} value={at("value")} lower={at("lower")} upper={at("upper")} />
          <Spark values={indicator.periods.map((of) => at("value", of).value)} />
        </div>
      ) : <Waiting failed={failed} />}
      <p class="card-foot">{period}</p>
    </article>
  );
}

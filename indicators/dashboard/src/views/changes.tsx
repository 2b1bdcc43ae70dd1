// What the newest releases changed, figure by figure, and why.
import { loadRevisions } from "../api";
import { DataTable } from "../charts/frame";
import { nameOf, useLoad, usePage, Waiting } from "../context";
import { day, number } from "../format";

const most = 200;

export function ChangesView() {
  const page = usePage();
  const { words, state, indicators } = page;
  const { data, failed } = useLoad(() => loadRevisions(state.lang, state.table, state.area), [state.lang, state.table, state.area]);
  if (!data) return <Waiting failed={failed} />;
  const chosen = indicators.find((one) => one.table === state.table);
  return (
    <>
      <section class="page-head">
        <h1 class="ds-heading" data-size="lg">{words.revisedTitle}</h1>
        <p class="lead">{[chosen?.title, state.area && nameOf(page, state.area)].filter(Boolean).join(" · ")}</p>
      </section>
      {data.map((release) => (
        <section key={release.series + release.number} aria-label={words.release(release.number, day(release.releasedAt, state.lang))}>
          <h2 class="ds-heading" data-size="md">{release.title}: {words.release(release.number, day(release.releasedAt, state.lang))}</h2>
          {release.number === 1 && <p>{words.revisedFirst}</p>}
          {release.number > 1 && release.revisions.length === 0 && <p>{words.revisedNone}</p>}
          {release.revisions.length > 0 && (
            <>
              <p>{words.revisedCount(release.revisions.length)}</p>
              <DataTable
                label={words.revisedTitle}
                rows={{
                  head: [words.indicator, words.area, words.period, words.before, words.now, words.cause],
                  rows: release.revisions.slice(0, most).map((revision) => {
                    const indicator = indicators.find((one) => one.id === revision.indicator && one.series === release.series);
                    const text = (value: number | null) => (value === null ? "–" : number(value, indicator?.decimals ?? 0, state.lang));
                    const stratum = [revision.sex, revision.age].filter((one) => one !== "all").join(", ");
                    return [`${indicator?.title ?? revision.indicator}${stratum ? ` (${stratum})` : ""}`, nameOf(page, revision.area), revision.period, text(revision.oldValue), text(revision.newValue), words.causes[revision.cause] ?? revision.cause];
                  }),
                }}
              />
              {release.revisions.length > most && <p>{words.shownOf(most, release.revisions.length)}<a class="ds-link" href={`/api/open/v1/kpr/release/${release.series}/${release.number}/file/revisions.json`}>JSON</a></p>}
            </>
          )}
        </section>
      ))}
    </>
  );
}

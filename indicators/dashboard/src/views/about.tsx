// What the figures are, what their marks mean, and where everything can be had.
import { DataTable } from "../charts/frame";
import { loadReleases } from "../api";
import { useLoad, usePage } from "../context";
import { day } from "../format";

export function AboutView() {
  const { words, state, indicators } = usePage();
  const releases = useLoad(() => loadReleases(state.lang), [state.lang]);
  const flags = useLoad(() => fetch(`/api/open/v1/kpr/table/${indicators[0]?.table}/flag?lang=${state.lang}`).then((answer) => answer.json() as Promise<{ title: string; text: string }[]>), [state.lang]);
  return (
    <section class="page-head about">
      <h1 class="ds-heading" data-size="lg">{words.about}</h1>
      <p class="lead">{words.footer}</p>
      <p>{words.protection}</p>
      {flags.data && <DataTable label={words.note} rows={{ head: [words.note, words.meaning], rows: flags.data.map((flag) => [flag.title, flag.text]) }} />}
      <ul class="plain">
        <li><a class="ds-link" href="/openapi.json">OpenAPI</a></li>
        <li><a class="ds-link" href={`/api/open/v1/kpr/feed?lang=${state.lang}`}>{words.feed}</a></li>
        <li><a class="ds-link" href={`/api/open/v1/kpr/table?lang=${state.lang}`}>JSON-stat / CSV</a></li>
      </ul>
      <ul class="plain">{releases.data?.map((one) => <li key={one.series + one.number}>{one.title}: {words.release(one.number, day(one.releasedAt, state.lang))}{one.nextUpdate && one === releases.data?.find((other) => other.series === one.series) && ` (${words.nextUpdate(day(one.nextUpdate, state.lang))})`}</li>)}</ul>
    </section>
  );
}

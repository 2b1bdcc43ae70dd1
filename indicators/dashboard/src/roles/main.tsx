// The page of roles: drafts that wait for the municipality's answer. Its state is its address.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "../style.css";
import type { Language } from "../words";
import { getCaller, listDrafts, type Caller, type DraftSummary } from "./api";
import { DraftView } from "./draft";
import { wordsOf } from "./words";

function readLanguage(): Language {
  const named = new URLSearchParams(location.search).get("lang") ?? navigator.language;
  return named.startsWith("en") ? "en" : "nb";
}

function App() {
  const [language] = useState(readLanguage);
  const [loaded, setLoaded] = useState<{ caller: Caller; drafts: DraftSummary[] } | null>(null);
  const [failure, setFailure] = useState("");
  const words = wordsOf(language);
  const load = () =>
    Promise.all([getCaller(), listDrafts()]).then(
      ([caller, { drafts }]) => setLoaded({ caller, drafts }),
      (error: Error) => setFailure(`${words.failed} ${error.message}`),
    );
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = words.site;
    void load();
  }, []);
  const other = language === "nb" ? "en" : "nb";
  return (
    <>
      <a class="ds-skip-link skip" href="#content">{words.skip}</a>
      <header class="top">
        <div class="inside">
          <a class="brand" href={`/roles?lang=${language}`}><img src="/assets/icon.svg" alt="" width="30" height="30" /><span>{words.site}</span></a>
          <nav aria-label={words.site}>
            <a class="nav" href={`/?lang=${language}`}>{words.publicSite}</a>
            <a class="nav" href={`/roles?lang=${other}`} lang={other}>{words.otherLanguage}</a>
          </nav>
        </div>
      </header>
      <main id="content" class="inside" tabIndex={-1}>
        <section class="page-head">
          <h1 class="ds-heading" data-size="lg">{words.title}</h1>
          <p class="lead">{words.lead}</p>
          {loaded && <p class="help">{words.you(loaded.caller.principal)}</p>}
        </section>
        {failure && <p class="failed" role="alert">{failure}</p>}
        {!failure && !loaded && <p class="waiting" role="status">{words.loading}</p>}
        {loaded?.drafts.length === 0 && <p>{words.noDrafts}</p>}
        {loaded?.drafts.map((draft) => (
          <DraftView key={draft.series} draft={draft} language={language} words={words} mayAnswer={loaded.caller.roles.includes("CALLER_ROLE_MUNICIPAL_READER")} onAnswer={load} />
        ))}
      </main>
    </>
  );
}

render(<App />, document.getElementById("page")!);

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { loadAreas, loadIndicators } from "./api";
import { Go, PageContext, nameOf, type Page } from "./context";
import { addressOf, readState, type State } from "./state";
import "./style.css";
import { AboutView } from "./views/about";
import { CapacityView, hasCapacity } from "./views/capacity";
import { ChangesView } from "./views/changes";
import { ExperienceView, hasExperience } from "./views/experience";
import { IndicatorView } from "./views/indicator";
import { PlaceView } from "./views/place";
import { StartView } from "./views/start";
import { wordsOf } from "./words";

const views = { start: StartView, place: PlaceView, indicator: IndicatorView, experience: ExperienceView, capacity: CapacityView, changes: ChangesView, about: AboutView };

function App() {
  const [state, setState] = useState<State>(() => readState(location.search, navigator.language));
  const [known, setKnown] = useState<Pick<Page, "indicators" | "areas"> | null>(null);
  const [failed, setFailed] = useState(false);
  const main = useRef<HTMLElement>(null);
  const words = wordsOf(state.lang);
  useEffect(() => {
    const back = () => setState(readState(location.search, navigator.language));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  useEffect(() => {
    let current = true;
    Promise.all([loadIndicators(state.lang), loadAreas(state.lang)]).then(
      ([indicators, areas]) => current && setKnown({ indicators, areas }),
      () => current && setFailed(true),
    );
    return () => { current = false; };
  }, [state.lang]);
  const go = (change: Partial<State>) => {
    const next = { ...state, ...change };
    history.pushState(null, "", addressOf(next));
    const other = next.view !== state.view || next.area !== state.area || next.table !== state.table;
    setState(next);
    if (other) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  };
  const page: Page = { state, words, indicators: known?.indicators ?? [], areas: known?.areas ?? [], go };
  useEffect(() => {
    document.documentElement.lang = state.lang;
    const indicator = page.indicators.find((one) => one.table === state.table);
    const parts = [state.view === "indicator" && indicator?.title, state.view !== "start" && state.view !== "about" && nameOf(page, state.area), state.view === "changes" && words.changes, state.view === "experience" && words.experience, state.view === "capacity" && words.capacity, state.view === "about" && words.about, words.site];
    document.title = parts.filter(Boolean).join(" – ");
  });
  const View = views[state.view];
  const content = failed ? <p class="failed" role="alert">{words.failed}</p> : !known ? <p class="waiting" role="status">{words.loading}</p> : known.indicators.length === 0 ? <p class="waiting">{words.nothing}</p> : <View />;
  if (state.embed) return <PageContext.Provider value={page}><main class="embedded" data-color="brand1">{content}</main></PageContext.Provider>;
  return (
    <PageContext.Provider value={page}>
      <a class="ds-skip-link skip" href="#content">{words.skip}</a>
      <header class="top">
        <div class="inside">
          <Go to={{ view: "start", area: "", table: "" }} class="brand"><img src="/assets/icon.svg" alt="" width="30" height="30" /><span>{words.site}</span></Go>
          <nav aria-label={words.site}>
            {hasExperience(page.indicators) && <Go to={{ view: "experience", table: "" }} class="nav">{words.experienceShort}</Go>}
            {hasCapacity(page.indicators) && <Go to={{ view: "capacity", table: "" }} class="nav">{words.capacity}</Go>}
            <Go to={{ view: "changes", area: "", table: "" }} class="nav">{words.changes}</Go>
            <Go to={{ view: "about" }} class="nav">{words.about}</Go>
            <Go to={{ lang: state.lang === "nb" ? "en" : "nb" }} class="nav" lang={state.lang === "nb" ? "en" : "nb"}>{words.otherLanguage}</Go>
          </nav>
        </div>
      </header>
      <main id="content" class="inside" tabIndex={-1} ref={main}>{content}</main>
      <footer class="bottom"><div class="inside"><p>{words.footer}</p><p>{words.protection}</p></div></footer>
    </PageContext.Provider>
  );
}

render(<App />, document.getElementById("page")!);

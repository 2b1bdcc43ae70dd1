// The page's state is its address: every view can be linked to, gone back to and reloaded.
import type { Language } from "./words";

export type ViewName = "start" | "place" | "indicator" | "experience" | "capacity" | "changes" | "about";
export type PlacesChart = "funnel" | "intervals" | "map";
export type SimilarBy = "nearest" | "group" | "all";

export interface State {
  lang: Language;
  view: ViewName;
  area: string; // "" the country
  table: string; // of the indicator, "care.medication_review"
  period: string; // "" the newest
  chart: PlacesChart;
  similar: SimilarBy;
  embed: string; // a chart shown alone
}

const views: ViewName[] = ["start", "place", "indicator", "experience", "capacity", "changes", "about"];
const charts: PlacesChart[] = ["funnel", "intervals", "map"];
const similars: SimilarBy[] = ["nearest", "group", "all"];

function one<T extends string>(text: string | null, allowed: T[]): T {
  return allowed.find((value) => value === text) ?? allowed[0];
}

export function readState(search: string, browserLanguage: string): State {
  const query = new URLSearchParams(search);
  const lang = query.get("lang") ?? (/^(nb|nn|no)/.test(browserLanguage) ? "nb" : /^en/.test(browserLanguage) ? "en" : "nb");
  return {
    lang: lang === "en" ? "en" : "nb",
    view: one(query.get("view"), views),
    area: query.get("area") ?? "",
    table: query.get("table") ?? "",
    period: query.get("period") ?? "",
    chart: one(query.get("chart"), charts),
    similar: one(query.get("similar"), similars),
    embed: query.get("embed") ?? "",
  };
}

export function addressOf(state: State): string {
  const query = new URLSearchParams();
  query.set("lang", state.lang);
  if (state.view !== "start") query.set("view", state.view);
  if (state.area) query.set("area", state.area);
  if ((state.view === "indicator" || state.view === "changes" || state.embed) && state.table) query.set("table", state.table);
  if (state.view === "indicator" || state.embed) {
    if (state.period) query.set("period", state.period);
    if (state.chart !== "funnel") query.set("chart", state.chart);
  }
  if (state.similar !== "nearest") query.set("similar", state.similar);
  if (state.embed) query.set("embed", state.embed);
  return "/?" + query.toString();
}

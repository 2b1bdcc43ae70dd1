// The public API as the page uses it; anybody could have written the page with it.
import type { Language } from "./words";

export interface Indicator {
  table: string;
  id: string;
  series: string;
  version: number;
  title: string;
  kind: string;
  unit: string;
  decimals: number;
  releasedAt: string;
  release: number;
  dimensions: string[];
  periods: string[];
  description?: string;
  theme?: string;
  direction?: string;
  source?: string;
  target?: number;
  notes?: { area: string; period: string; text: string }[];
}
export interface Release {
  series: string;
  number: number;
  title: string;
  releasedAt: string;
  horizon: string;
  structureYear: number;
  nextUpdate?: string;
}
export interface Revision {
  indicator: string;
  period: string;
  area: string;
  sex: string;
  age: string;
  oldValue: number | null;
  newValue: number | null;
  cause: string;
}
export interface RevisedRelease extends Release {
  revisions: Revision[];
}
export interface Area {
  code: string;
  name: string;
}

const base = "/api/open/v1/kpr";
const kept = new Map<string, Promise<unknown>>();

function get<T>(address: string): Promise<T> {
  let answer = kept.get(address);
  if (!answer) {
    answer = fetch(address).then((response) => {
      if (!response.ok) throw new Error(`${response.status} ${address}`);
      return response.json();
    });
    // What failed is asked for again the next time.
    answer.catch(() => kept.delete(address));
    kept.set(address, answer);
  }
  return answer as Promise<T>;
}

export interface Cell {
  value: number | null;
  status: string;
  reason: string; // the status in words
}

interface JsonStat {
  id: string[];
  size: number[];
  dimension: Record<string, { category: { index: Record<string, number>; label: Record<string, string> } }>;
  value: (number | null)[];
  status: Record<string, string>;
  extension: { flags: { label: Record<string, string> }; release: { number: number; releasedAt: string; structureYear: number } };
}

// Cells of one answer, by code.
export class Figures {
  constructor(private readonly json: JsonStat) {}
  codes(dimension: string): string[] {
    // By their places: JavaScript puts keys that look like numbers in an order of its own.
    return Object.entries(this.json.dimension[dimension]?.category.index ?? {}).sort((a, b) => a[1] - b[1]).map(([code]) => code);
  }
  label(dimension: string, code: string): string {
    return this.json.dimension[dimension]?.category.label[code] ?? code;
  }
  get release() {
    return this.json.extension.release;
  }
  // Dimensions that are not named are at their first category.
  at(places: Record<string, string>): Cell {
    let index = 0;
    for (let d = 0; d < this.json.id.length; ++d) {
      const name = this.json.id[d];
      const code = places[name];
      const place = code === undefined ? 0 : this.json.dimension[name].category.index[code];
      if (place === undefined) return { value: null, status: "not_in_table", reason: this.json.extension.flags.label["not_in_table"] };
      index = index * this.json.size[d] + place;
    }
    const status = this.json.status[String(index)] ?? "";
    return { value: this.json.value[index], status, reason: this.json.extension.flags.label[status] ?? "" };
  }
}

export type Query = Record<string, string>;

export function dataAddress(table: string, query: Query, language: Language, form = ""): string {
  const parameters = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3F/g, "?")}`);
  return `${base}/table/${table}/data${form}?${parameters.join("&")}&lang=${language}`;
}
export const loadFigures = (table: string, query: Query, language: Language) =>
  get<JsonStat>(dataAddress(table, query, language)).then((json) => new Figures(json));

export const loadIndicators = (language: Language) => get<Indicator[]>(`${base}/indicator?lang=${language}`);
export const loadReleases = (language: Language) => get<Release[]>(`${base}/release?lang=${language}`);
export const loadRevisions = (language: Language, table = "", area = "") =>
  get<RevisedRelease[]>(`${base}/revision?lang=${language}${table ? `&table=${table}` : ""}${area ? `&area=${area}` : ""}`);

// Counties and municipalities of the newest release's year.
export async function loadAreas(language: Language): Promise<Area[]> {
  const releases = await loadReleases(language);
  const year = releases[0]?.structureYear ?? 2024;
  const list = (level: string) =>
    get<{ values: { code: string; label: string }[] }>(`/api/pxweb/v2/codelists/vs_${level}_${year}?lang=${language}`);
  const [counties, municipalities] = await Promise.all([list("counties"), list("municipalities")]);
  return [...counties.values, ...municipalities.values].map((value) => ({ code: value.code, name: value.label }));
}

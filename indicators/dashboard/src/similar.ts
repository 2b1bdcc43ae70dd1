// Which municipalities one is compared with, from published figures alone: inhabitants and those aged 80 or more are
// the denominators of published rates.
import { loadFigures, type Indicator } from "./api";
import { isMunicipality } from "./format";
import type { SimilarBy } from "./state";
import { nearest, sizeGroup } from "./statistics";
import type { Language } from "./words";

const count = 12;
const inhabitantsOf = /^users_per_1000/, elderlyOf = /^residents_80/;

export interface Similar {
  codes: string[]; // without the own
  published: boolean; // whether inhabitants are published; else "group" is not to be had
}

async function denominators(indicator: Indicator | undefined, language: Language): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (!indicator) return found;
  const figures = await loadFigures(indicator.table, { GEO: "????", AAR: "top(1)", MEASURE_TYPE: "denominator" }, language);
  for (const code of figures.codes("GEO")) {
    const { value } = figures.at({ GEO: code });
    if (value !== null && value > 0) found.set(code, value);
  }
  return found;
}

// `sizes`: of the indicator looked at, where inhabitants are not published.
export async function findSimilar(own: string, by: SimilarBy, indicators: Indicator[], language: Language, sizes: Map<string, number>): Promise<Similar> {
  if (!isMunicipality(own)) return { codes: [], published: true };
  const inhabitants = await denominators(indicators.find((one) => inhabitantsOf.test(one.id)), language);
  const published = inhabitants.has(own);
  const size = published ? inhabitants : sizes;
  const others = [...size.keys()].filter((code) => code !== own && isMunicipality(code));
  if (by === "all") return { codes: others, published };
  if (by === "group" && published)
    return { codes: others.filter((code) => sizeGroup(size.get(code)!) === sizeGroup(size.get(own)!)), published };
  const elderly = published ? await denominators(indicators.find((one) => elderlyOf.test(one.id)), language) : new Map<string, number>();
  const covariates = new Map<string, number[]>();
  for (const [code, value] of size) {
    if (!isMunicipality(code)) continue;
    const old = elderly.get(code);
    if (elderly.has(own) && old === undefined) continue;
    covariates.set(code, elderly.has(own) ? [value, old! / value] : [value]);
  }
  return { codes: nearest(own, covariates, count), published };
}

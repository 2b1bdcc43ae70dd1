// Whether a figure differs from others, or over time, by more than chance. Works on values with intervals, as
// published, so it can be checked by anyone. Pure.

export interface Estimate {
  code: string;
  value: number;
  error: number; // standard error, from the interval
  size: number; // in the denominator; 0: not known
}

const z95 = 1.959964;
const fewest = 5; // places to judge a spread by
export const z998 = 3.090232;

export const errorOf = (lower: number, upper: number) => (upper - lower) / (2 * z95);

// What others are like: their mean, and how much they differ beyond chance (DerSimonian and Laird 1986).
export interface Spread {
  mean: number;
  between: number; // variance between places beyond chance
  ofMean: number; // variance of the mean itself
  places: number;
}
export function spreadOf(others: Estimate[]): Spread | null {
  const known = others.filter((other) => other.error > 0);
  if (known.length < fewest) return null;
  let w = 0, wy = 0, ww = 0;
  for (const { value, error } of known) {
    const weight = 1 / (error * error);
    w += weight;
    wy += weight * value;
    ww += weight * weight;
  }
  const fixed = wy / w;
  const q = known.reduce((sum, { value, error }) => sum + (value - fixed) ** 2 / (error * error), 0);
  const between = Math.max(0, (q - (known.length - 1)) / (w - ww / w));
  let rw = 0, rwy = 0;
  for (const { value, error } of known) {
    const weight = 1 / (error * error + between);
    rw += weight;
    rwy += weight * value;
  }
  return { mean: rwy / rw, between, ofMean: 1 / rw, places: known.length };
}

// Standard deviations from the others, with their spread beyond chance (Spiegelhalter 2005) and how well their mean is known
// reckoned in.
export function distance(own: Estimate, spread: Spread): number {
  return (own.value - spread.mean) / Math.sqrt(own.error ** 2 + spread.between + spread.ofMean);
}
// Few places tell little of their spread: limits of Student's distribution with as many degrees less two (Higgins et al.
// 2009), by the expansion of Cornish and Fisher.
export function limitFor(z: number, places: number): number {
  const n = Math.max(2, places - 2);
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2);
}

export type Standing = "higherClear" | "higher" | "asOthers" | "lowerThan" | "lowerClear" | "noComparison";
export function standingOf(own: Estimate | null, others: Estimate[]): Standing {
  if (!own || !(own.error > 0)) return "noComparison";
  const spread = spreadOf(others.filter((other) => other.code !== own.code));
  if (!spread) return "noComparison";
  const z = distance(own, spread);
  const clear = limitFor(z998, spread.places), usual = limitFor(z95, spread.places);
  if (z > clear) return "higherClear";
  if (z > usual) return "higher";
  if (z < -clear) return "lowerClear";
  return z < -usual ? "lowerThan" : "asOthers";
}

// Funnel limits at a size: the error goes with the root of the size, as it does among those who are there.
export function funnelLimits(spread: Spread, others: Estimate[], size: number): { inner: [number, number]; outer: [number, number] } {
  const known = others.filter((other) => other.error > 0 && other.size > 0).map((other) => other.error ** 2 * other.size).sort((a, b) => a - b);
  const unit = known.length ? known[Math.floor(known.length / 2)] : 0;
  const error = Math.sqrt(unit / size + spread.between);
  const limits = (z: number): [number, number] => [spread.mean - z * error, spread.mean + z * error];
  return { inner: limits(z95), outer: limits(z998) };
}

export type Trend = "rising" | "falling" | "steady" | "noTrend";
// A line through the periods, weighted by how certain each is: does it rise or fall by more than chance?
export function trendOf(series: { x: number; value: number; error: number }[]): Trend {
  const known = series.filter((point) => point.error > 0);
  if (known.length < 3) return "noTrend";
  let w = 0, wx = 0, wy = 0;
  for (const { x, value, error } of known) {
    const weight = 1 / error ** 2;
    w += weight;
    wx += weight * x;
    wy += weight * value;
  }
  const mx = wx / w, my = wy / w;
  let sxx = 0, sxy = 0;
  for (const { x, value, error } of known) {
    const weight = 1 / error ** 2;
    sxx += weight * (x - mx) ** 2;
    sxy += weight * (x - mx) * (value - my);
  }
  const slope = sxy / sxx;
  // Where the periods differ by more than chance and the line, the slope is as much less certain.
  const q = known.reduce((sum, { x, value, error }) => sum + ((value - my - slope * (x - mx)) / error) ** 2, 0);
  const z = (slope * Math.sqrt(sxx)) / Math.sqrt(Math.max(1, q / (known.length - 2)));
  return z > z95 ? "rising" : z < -z95 ? "falling" : "steady";
}

// The nearest by covariates, each on a log scale in its own spread.
export function nearest(code: string, covariates: Map<string, number[]>, count: number): string[] {
  const own = covariates.get(code);
  if (!own) return [];
  const spread = own.map((_, i) => {
    const logs = [...covariates.values()].map((values) => Math.log(values[i]));
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    return Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / logs.length) || 1;
  });
  const far = (values: number[]) => values.reduce((sum, value, i) => sum + ((Math.log(value) - Math.log(own[i])) / spread[i]) ** 2, 0);
  return [...covariates.entries()]
    .filter(([other]) => other !== code)
    .map(([other, values]) => [other, far(values)] as const)
    .sort((a, b) => a[1] - b[1] || a[0].localeCompare(b[0]))
    .slice(0, count)
    .map(([other]) => other);
}

// Groups by inhabitants, as in the register's answers.
const groups = [2000, 5000, 10000, 50000];
export const sizeGroup = (inhabitants: number) => groups.filter((limit) => inhabitants >= limit).length;

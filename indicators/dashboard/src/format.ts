// Numbers and dates as each language writes them.
import type { Language } from "./words";

const locale = { nb: "nb-NO", en: "en-GB" };

// Making one takes longer than using it.
const formats = new Map<string, Intl.NumberFormat>();
export function number(value: number, decimals: number, language: Language): string {
  const key = language + decimals;
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(locale[language], { minimumFractionDigits: decimals, maximumFractionDigits: decimals })));
  return format.format(value);
}
export function withUnit(text: string, unit: string): string {
  return unit === "%" ? `${text} %` : `${text} ${unit}`.trim();
}
export function day(iso: string, language: Language): string {
  return new Date(iso).toLocaleDateString(locale[language], { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}
// Small municipalities of a county that are shown together.
export const isPool = (code: string) => /^\d{2}P$/.test(code);
export const poolOf = (municipality: string) => `${municipality.slice(0, 2)}P`;
export const isMunicipality = (code: string) => /^\d{4}$/.test(code);

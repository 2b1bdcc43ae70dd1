// What every part of the page knows: the state, the words, how to go elsewhere, and what was loaded for all.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Area, Indicator } from "./api";
import { addressOf, type State } from "./state";
import { isPool } from "./format";
import type { Words } from "./words";

export interface Page {
  state: State;
  words: Words;
  indicators: Indicator[];
  areas: Area[];
  go: (change: Partial<State>) => void;
}
export const PageContext = createContext<Page | null>(null);
export const usePage = (): Page => useContext(PageContext)!;

const names = new WeakMap<Area[], Map<string, string>>();
export function nameOf(page: Page, code: string): string {
  if (code === "" || code === "0") return page.words.country;
  let known = names.get(page.areas);
  if (!known) names.set(page.areas, (known = new Map(page.areas.map((area) => [area.code, area.name]))));
  return known.get(code) ?? (isPool(code) ? page.words.pool(known.get(code.slice(0, 2)) ?? "") : code);
}

// A link whose click stays on the page.
export function Go({ to, class: name, children, ...rest }: { to: Partial<State>; class?: string; children: ComponentChildren; [key: string]: unknown }) {
  const page = usePage();
  const next = { ...page.state, embed: "", ...to };
  return (
    <a
      href={addressOf(next)}
      class={name ?? "ds-link"}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        page.go(to);
      }}
      {...rest}
    >
      {children}
    </a>
  );
}

export interface Loaded<T> {
  data: T | null;
  failed: boolean;
}
// Loads when a dependency changes; an answer that comes too late is dropped.
export function useLoad<T>(load: () => Promise<T>, dependencies: unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ data: null, failed: false });
  useEffect(() => {
    let current = true;
    setLoaded({ data: null, failed: false });
    load().then(
      (data) => current && setLoaded({ data, failed: false }),
      () => current && setLoaded({ data: null, failed: true }),
    );
    return () => {
      current = false;
    };
  }, dependencies);
  return loaded;
}

export function Waiting({ failed }: { failed: boolean }) {
  const { words } = usePage();
  return <p class={failed ? "failed" : "waiting"} role="status">{failed ? words.failed : words.loading}</p>;
}

// What charts share: their width, and points that a keyboard reaches and a screen reader speaks. One point is in the
// tab order; arrow keys go to the next and the one before, Home and End to the ends.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

// Measured before anything is shown: a chart is never wider than its place, not even for a moment.
export function useWidth(): [{ current: HTMLDivElement | null }, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(260, Math.round(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export interface Point {
  x: number;
  y: number;
  label: string; // spoken, and shown beside the point
  draw: ComponentChildren;
  open?: () => void; // what Enter and a click do
}

export function Points({ points, start, width }: { points: Point[]; start: number; width: number }) {
  const [active, setActive] = useState(-1);
  const [tab, setTab] = useState(Math.max(0, start));
  const group = useRef<SVGGElement>(null);
  const at = Math.min(tab, points.length - 1);
  const go = (index: number) => {
    const next = Math.max(0, Math.min(points.length - 1, index));
    setTab(next);
    (group.current?.querySelectorAll<SVGGElement>("[data-point]")[next])?.focus();
  };
  const onKey = (event: JSX.TargetedKeyboardEvent<SVGGElement>, index: number) => {
    const moves: Record<string, number> = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, Home: 0, End: points.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      go(moves[event.key]);
    }
    if (event.key === "Enter") points[index].open?.();
  };
  return (
    <g ref={group}>
      {points.map((point, index) => (
        <g
          key={index}
          data-point
          class={point.open ? "point point--link" : "point"}
          role={point.open ? "link" : "img"}
          aria-label={point.label}
          tabIndex={index === at ? 0 : -1}
          onFocus={() => { setActive(index); setTab(index); }}
          onBlur={() => setActive(-1)}
          onMouseEnter={() => setActive(index)}
          onMouseLeave={() => setActive(-1)}
          onClick={point.open}
          onKeyDown={(event) => onKey(event, index)}
        >
          {point.draw}
        </g>
      ))}
      {active >= 0 && points[active] && <Tip point={points[active]} width={width} />}
    </g>
  );
}

// The point's words on a card inside the chart.
function Tip({ point, width }: { point: Point; width: number }) {
  const lines = point.label.split("\n");
  const wide = Math.min(width - 8, Math.max(...lines.map((line) => line.length)) * 7.2 + 20);
  const x = Math.max(4, Math.min(width - wide - 4, point.x - wide / 2));
  const high = lines.length * 19 + 12;
  const y = point.y - high - 12 < 0 ? point.y + 14 : point.y - high - 12;
  return (
    <g class="tip" aria-hidden="true" transform={`translate(${x},${y})`}>
      <rect width={wide} height={high} rx="6" />
      {lines.map((line, index) => (
        <text key={index} x="10" y={20 + index * 19} class={index === 0 ? "tip-title" : ""}>{line}</text>
      ))}
    </g>
  );
}

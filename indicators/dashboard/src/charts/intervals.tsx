// Values with their intervals: of places, sorted, without ranks, since overlapping intervals have none; or of questions,
// in their order, each beside another value.
import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { Points, useWidth, type Point } from "./points";

export interface Interval {
  code: string;
  name: string;
  value: number;
  lower: number | null;
  upper: number | null;
  label: string;
  beside?: number | null; // a value to compare with, as a mark
}

const shorten = (name: string, most: number) => (name.length > most ? name.slice(0, most - 1) + "…" : name);
// In as many lines as there are to be at most; the blank between two stays with the first.
function linesOf(name: string, most: number, lines: number): string[] {
  const cut = name.lastIndexOf(" ", most);
  if (lines === 1 || name.length <= most || cut <= 0) return [shorten(name, most)];
  return [name.slice(0, cut + 1), ...linesOf(name.slice(cut + 1), most, lines - 1)];
}
const line = 15, top = 28, bottom = 10;

export function Intervals({ places, own, mean, format, open, title, scale }: {
  places: Interval[];
  own: string;
  mean: number | null;
  format: (value: number) => string;
  open: (code: string) => void;
  title: string;
  scale?: [number, number]; // of all values; then in the order given
}) {
  const [ref, width] = useWidth();
  const lines = scale ? 3 : 1, row = scale ? 44 : 26;
  const left = scale ? Math.min(200, width * 0.42) : Math.min(170, width * 0.34), right = 18;
  const most = Math.min(scale ? 26 : 22, Math.floor(left / 7));
  const order = scale ? places : [...places].sort((a, b) => b.value - a.value);
  const [low = 0, high = 1] = scale ?? extent(order.flatMap((place) => [place.lower ?? place.value, place.upper ?? place.value]));
  const x = scaleLinear([low, high], [left + 8, width - right]).nice(5);
  const height = top + order.length * row + bottom;
  const points: Point[] = order.map((place, index) => {
    const y = top + index * row + row / 2;
    const mine = place.code === own;
    return {
      x: x(place.value),
      y,
      label: place.label,
      open: () => open(place.code),
      draw: (
        <g class={mine ? "interval interval--own" : "interval"}>
          <rect class="hit" x="0" y={y - row / 2} width={width} height={row} />
          <text text-anchor="end">{linesOf(place.name, most, lines).map((text, at, all) => <tspan key={at} x={left - 8} y={y + 4 + (at - (all.length - 1) / 2) * line}>{text}</tspan>)}</text>
          {place.lower !== null && place.upper !== null && <line x1={x(place.lower)} x2={x(place.upper)} y1={y} y2={y} />}
          {place.beside != null && <rect class="beside" x={x(place.beside) - 1.5} y={y - 8} width="3" height="16" />}
          <circle cx={x(place.value)} cy={y} r={mine ? 6 : 4.5} />
        </g>
      ),
    };
  });
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
        {x.ticks(width < 480 ? 3 : 5).map((tick) => (
          <g key={tick} class="grid"><line x1={x(tick)} x2={x(tick)} y1={top - 6} y2={height - bottom} /><text x={x(tick)} y={14} text-anchor="middle">{format(tick)}</text></g>
        ))}
        {mean !== null && <line class="mean" x1={x(mean)} x2={x(mean)} y1={top - 6} y2={height - bottom} />}
        <Points points={points} start={Math.max(0, order.findIndex((place) => place.code === own))} width={width} />
      </svg>
    </div>
  );
}

// Each place's value with its interval, sorted; no ranks are given, since overlapping intervals have none.
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
}

const row = 26, top = 28, bottom = 10;

export function Intervals({ places, own, mean, format, open, title }: {
  places: Interval[];
  own: string;
  mean: number | null;
  format: (value: number) => string;
  open: (code: string) => void;
  title: string;
}) {
  const [ref, width] = useWidth();
  const left = Math.min(170, width * 0.34), right = 18;
  const order = [...places].sort((a, b) => b.value - a.value);
  const [low = 0, high = 1] = extent(order.flatMap((place) => [place.lower ?? place.value, place.upper ?? place.value]));
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
          <text x={left - 8} y={y + 4} text-anchor="end">{place.name.length > 22 ? place.name.slice(0, 21) + "…" : place.name}</text>
          {place.lower !== null && place.upper !== null && <line x1={x(place.lower)} x2={x(place.upper)} y1={y} y2={y} />}
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

// Places by size, with the limits inside which chance may explain the difference.
import { extent } from "d3-array";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { funnelLimits, type Estimate, type Spread } from "../statistics";
import { Points, useWidth, type Point } from "./points";

const height = 380, top = 14, bottom = 44, left = 46, right = 14;

export function Funnel({ places, spread, own, similar, format, sizeLabel, limitLabels, label, open, title }: {
  places: Estimate[];
  spread: Spread;
  own: string;
  similar: Set<string>;
  format: (value: number) => string;
  sizeLabel: string;
  limitLabels: [string, string];
  label: (place: Estimate) => string;
  open: (code: string) => void;
  title: string;
}) {
  const [ref, width] = useWidth();
  const shown = places.filter((place) => place.size > 0);
  const [least = 1, most = 10] = extent(shown, (place) => place.size);
  const x = scaleLog([Math.max(1, least * 0.8), most * 1.2], [left, width - right]);
  const [low = 0, high = 1] = extent(shown, (place) => place.value);
  const room = (high - low) * 0.06 || 1;
  const y = scaleLinear([low - room, high + room], [height - bottom, top]).nice(5);
  const steps = Array.from({ length: 60 }, (_, i) => x.invert(left + ((width - right - left) * i) / 59));
  const clamp = (value: number) => Math.max(y.domain()[0], Math.min(y.domain()[1], value));
  const limit = (which: "inner" | "outer", side: 0 | 1) =>
    line<number>().x((size) => x(size)).y((size) => y(clamp(funnelLimits(spread, shown, size)[which][side])))(steps) ?? "";
  const order = [...shown].sort((a, b) => a.size - b.size);
  const points: Point[] = order.map((place) => ({
    x: x(place.size),
    y: y(place.value),
    label: label(place),
    open: () => open(place.code),
    draw: <circle class={place.code === own ? "dot dot--own" : similar.has(place.code) ? "dot dot--similar" : "dot"} cx={x(place.size)} cy={y(place.value)} r={place.code === own ? 7 : 4.5} />,
  }));
  const ownPlace = order.find((place) => place.code === own);
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
        {y.ticks(6).map((tick) => (
          <g key={tick} class="grid"><line x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} /><text x={left - 8} y={y(tick) + 4} text-anchor="end">{format(tick)}</text></g>
        ))}
        {x.ticks(4).filter((tick) => (width < 480 ? /^1/ : /^[125]/).test(tick.toPrecision(1))).map((tick) => <text key={tick} class="tick" x={x(tick)} y={height - 24} text-anchor="middle">{format(tick).replace(/[.,]0+$/, "")}</text>)}
        <text class="tick" x={width - right} y={height - 6} text-anchor="end">{sizeLabel}</text>
        <line class="mean" x1={left} x2={width - right} y1={y(spread.mean)} y2={y(spread.mean)} />
        {(["inner", "outer"] as const).map((which) => (
          <g key={which} class={`limit limit--${which}`}><path d={limit(which, 0)} /><path d={limit(which, 1)} /></g>
        ))}
        <Points points={points} start={Math.max(0, order.findIndex((place) => place.code === own))} width={width} />
        {ownPlace && <circle class="ring" cx={x(ownPlace.size)} cy={y(ownPlace.value)} r="12" />}
      </svg>
      <ul class="legend" aria-hidden="true"><li class="limit-inner">{limitLabels[0]}</li><li class="limit-outer">{limitLabels[1]}</li></ul>
    </div>
  );
}

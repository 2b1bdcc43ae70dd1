// Values over time with their intervals, for one place beside others.
import { extent } from "d3-array";
import { scaleLinear, scalePoint } from "d3-scale";
import { area, line } from "d3-shape";
import { Points, useWidth, type Point } from "./points";

export interface Series {
  name: string;
  own: boolean; // the one the page is about
  points: { period: string; value: number | null; lower: number | null; upper: number | null; label: string }[];
}

const height = 300, top = 16, bottom = 30, left = 46;

export function TimeChart({ series, periods, target, targetLabel, format, title }: {
  series: Series[];
  periods: string[];
  target?: number;
  targetLabel: string;
  format: (value: number) => string;
  title: string;
}) {
  const [ref, width] = useWidth();
  const right = width < 480 ? 16 : 190;
  const own = series.find((one) => one.own) ?? series[0];
  const values = series.flatMap((one) => one.points.flatMap((p) => (one.own ? [p.value, p.lower, p.upper] : [p.value]))).filter((v): v is number => v !== null);
  if (target !== undefined) values.push(target);
  const [low = 0, high = 1] = extent(values);
  // Small differences do not fill the chart: it spans at least a tenth of the values.
  const lacking = Math.max(0, Math.abs(high) * 0.1 - (high - low)) / 2;
  const least = low - lacking, most = high + lacking;
  const room = (most - least) * 0.15 || Math.abs(most) * 0.1 || 1;
  const floor = low >= 0 && (least < room * 4 || least - room < 0) ? 0 : least - room;
  const y = scaleLinear([floor, most + room], [height - bottom, top]).nice(5);
  const x = scalePoint(periods, [left + 14, width - right]);
  const band = area<Series["points"][0]>().defined((p) => p.lower !== null && p.upper !== null).x((p) => x(p.period)!).y0((p) => y(p.lower!)).y1((p) => y(p.upper!));
  const path = line<Series["points"][0]>().defined((p) => p.value !== null).x((p) => x(p.period)!).y((p) => y(p.value!));
  const points: Point[] = own.points.map((p) => ({
    x: x(p.period)!,
    y: p.value === null ? y.range()[0] - 10 : y(p.value),
    label: p.label,
    draw: p.value === null
      ? <g class="missing"><rect x={x(p.period)! - 7} y={y.range()[0] - 17} width="14" height="14" rx="3" /><text x={x(p.period)!} y={y.range()[0] - 6} text-anchor="middle">?</text></g>
      : <g><circle class="hit" cx={x(p.period)!} cy={y(p.value)} r="16" /><circle class="dot dot--own" cx={x(p.period)!} cy={y(p.value)} r="5.5" /></g>,
  }));
  // Names at the lines' ends, moved apart where they would meet.
  const ends = series.map((one) => {
    const last = [...one.points].reverse().find((p) => p.value !== null);
    return { one, y: last ? y(last.value!) : -1, x: last ? x(last.period)! : 0 };
  }).filter((end) => end.y >= 0).sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; ++i) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 17);
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
        {y.ticks(5).map((tick) => (
          <g key={tick} class="grid"><line x1={left} x2={width - right + 12} y1={y(tick)} y2={y(tick)} /><text x={left - 8} y={y(tick) + 4} text-anchor="end">{format(tick)}</text></g>
        ))}
        {periods.map((period) => <text key={period} class="tick" x={x(period)!} y={height - 8} text-anchor="middle">{period}</text>)}
        {target !== undefined && (
          <g class="target"><line x1={left} x2={width - right + 12} y1={y(target)} y2={y(target)} /><text x={left + 6} y={y(target) - 6}>{targetLabel}</text></g>
        )}
        <path class="band" d={band(own.points) ?? ""} />
        {series.filter((one) => !one.own).map((one, index) => <path key={index} class={`line line--${index}`} d={path(one.points) ?? ""} />)}
        <path class="line line--own" d={path(own.points) ?? ""} />
        {width >= 480 && ends.map(({ one, y: at }) => <text key={one.name} class={one.own ? "end end--own" : "end"} x={width - right + 18} y={at + 4}>{one.name.length > 25 ? one.name.slice(0, 24) + "…" : one.name}</text>)}
        <Points points={points} start={points.length - 1} width={width} />
      </svg>
      {width < 480 && (
        <ul class="legend" aria-hidden="true">{series.map((one, index) => <li key={one.name} class={one.own ? "own" : `other-${index - 1}`}>{one.name}</li>)}</ul>
      )}
    </div>
  );
}

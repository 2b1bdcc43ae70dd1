// All municipalities as tiles, county by county: a map that gives each the same room.
import { extent } from "d3-array";
import { scaleQuantize } from "d3-scale";
import { Points, useWidth, type Point } from "./points";

export interface Tile {
  code: string;
  name: string;
  value: number | null;
  label: string;
}

const size = 20, gap = 3, labelHigh = 20;
const shades = ["shade-1", "shade-2", "shade-3", "shade-4", "shade-5"];

// The class of a tile by its value.
export function shadesOf(tiles: Tile[]) {
  const [low = 0, high = 1] = extent(tiles, (tile) => tile.value ?? undefined);
  return scaleQuantize([low, high], shades);
}
export function tileClass(shade: ReturnType<typeof shadesOf>, tile: Tile, own: string): string {
  return `tile ${tile.value === null ? "tile--none" : shade(tile.value)}${tile.code === own ? " tile--own" : ""}`;
}
export const Hatch = () => (
  <defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff" /><line x1="0" y1="0" x2="0" y2="5" stroke="#9aa3a4" stroke-width="2" /></pattern></defs>
);
export function Shades({ shade, format }: { shade: ReturnType<typeof shadesOf>; format: (value: number) => string }) {
  const limits = shade.thresholds();
  return (
    <ul class="legend legend--shades" aria-hidden="true">
      {shades.map((name, index) => (
        <li key={name} class={name}>{index === 0 ? `< ${format(limits[0])}` : index === shades.length - 1 ? `≥ ${format(limits[index - 1])}` : `${format(limits[index - 1])}–${format(limits[index])}`}</li>
      ))}
    </ul>
  );
}

export interface TilesProps {
  tiles: Tile[];
  counties: { code: string; name: string }[];
  own: string;
  format: (value: number) => string;
  open: (code: string) => void;
  title: string;
}

export function Tiles({ tiles, counties, own, format, open, title }: TilesProps) {
  const [ref, width] = useWidth();
  const shade = shadesOf(tiles);
  const columns = width < 520 ? 1 : width < 820 ? 2 : 3;
  const blockWide = width / columns;
  const across = Math.max(5, Math.floor((blockWide - 16) / (size + gap)));
  const points: Point[] = [];
  const labels: { x: number; y: number; name: string }[] = [];
  const bottoms = Array.from({ length: columns }, () => 4);
  for (const county of counties) {
    const mine = tiles.filter((tile) => tile.code.startsWith(county.code));
    if (mine.length === 0) continue;
    const column = bottoms.indexOf(Math.min(...bottoms));
    const x0 = column * blockWide, y0 = bottoms[column];
    labels.push({ x: x0, y: y0 + 13, name: county.name });
    mine.forEach((tile, index) => {
      const x = x0 + (index % across) * (size + gap), y = y0 + labelHigh + Math.floor(index / across) * (size + gap);
      points.push({
        x: x + size / 2,
        y,
        label: tile.label,
        open: () => open(tile.code),
        draw: <rect class={tileClass(shade, tile, own)} x={x} y={y} width={size} height={size} rx="3" />,
      });
    });
    bottoms[column] = y0 + labelHigh + Math.ceil(mine.length / across) * (size + gap) + 14;
  }
  const height = Math.max(...bottoms);
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
        <Hatch />
        {labels.map((label) => <text key={label.name} class="county" x={label.x} y={label.y}>{label.name}</text>)}
        <Points points={points} start={Math.max(0, tiles.findIndex((tile) => tile.code === own))} width={width} />
      </svg>
      <Shades shade={shade} format={format} />
    </div>
  );
}

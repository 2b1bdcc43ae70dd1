// Municipalities in their borders, where the operator gave borders; else as tiles.
import { useEffect, useState } from "preact/hooks";
import { Points, useWidth, type Point } from "./points";
import { Hatch, Shades, shadesOf, tileClass, Tiles, type TilesProps } from "./tiles";

declare const MAP_ADDRESS: string;
type Drawing = typeof import("../map");

interface Borders {
  topology: Parameters<Drawing["shapesOf"]>[0];
  draw: Drawing["shapesOf"];
}
let asked: Promise<Borders | null> | undefined;
// Null where there are none: asked once.
const loadBorders = () =>
  (asked ??= fetch("/borders.json").then(async (answer) => {
    const topology = answer.ok ? await answer.json() : null;
    if (!topology) return null;
    const drawing = (await import(MAP_ADDRESS)) as Drawing;
    return { topology, draw: drawing.shapesOf };
  }).catch(() => null));

export function MapChart(props: TilesProps & { tilesHelp: string; borderSource: string }) {
  const [borders, setBorders] = useState<Borders | null | undefined>();
  useEffect(() => {
    loadBorders().then(setBorders);
  }, []);
  if (!borders) return <><Tiles {...props} /><p class="help">{props.tilesHelp}</p></>;
  return <Bordered {...props} borders={borders} />;
}

function Bordered({ tiles, own, format, open, title, borders, borderSource }: TilesProps & { borders: Borders; borderSource: string }) {
  const [ref, width] = useWidth();
  const { height, shapes } = borders.draw(borders.topology, Math.min(width, 760));
  const shade = shadesOf(tiles);
  const byCode = new Map(shapes.map((shape) => [shape.code, shape]));
  const points: Point[] = tiles.flatMap((tile) => {
    const shape = byCode.get(tile.code);
    if (!shape) return [];
    return [{ x: shape.centre[0], y: shape.centre[1], label: tile.label, open: () => open(tile.code), draw: <path class={tileClass(shade, tile, own)} d={shape.path} /> }];
  });
  return (
    <div ref={ref} class="chart">
      <svg width={Math.min(width, 760)} height={height} viewBox={`0 0 ${Math.min(width, 760)} ${height}`} role="group" aria-label={title}>
        <Hatch />
        <Points points={points} start={Math.max(0, tiles.findIndex((tile) => tile.code === own))} width={Math.min(width, 760)} />
      </svg>
      <Shades shade={shade} format={format} />
      <p class="help">{borderSource}</p>
    </div>
  );
}

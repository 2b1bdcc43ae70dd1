// Borders as drawings: TopoJSON, projected as maps of Norway are (transverse Mercator, 15 degrees east).
import { geoArea, geoPath, geoTransverseMercator } from "d3-geo";
import { feature } from "topojson-client";

export interface Shape {
  code: string;
  path: string;
  centre: [number, number];
}

type Topology = Parameters<typeof feature>[0];
type Ring = [number, number][];
type Geometry = { type: "Polygon"; coordinates: Ring[] } | { type: "MultiPolygon"; coordinates: Ring[][] };
interface Collection {
  type: "FeatureCollection";
  features: { id?: string | number; type: "Feature"; properties: null; geometry: Geometry }[];
}

// On a sphere a ring has two insides; whoever made the borders may mean the other way round. Ours are the small ones, and a
// hole's is the large one.
function wind(polygon: Ring[]): void {
  polygon.forEach((ring, index) => {
    const small = geoArea({ type: "Polygon", coordinates: [ring] }) < 2 * Math.PI;
    if (small !== (index === 0)) ring.reverse();
  });
}

// `height` times the width; the first object's shapes, whose ids are codes.
export function shapesOf(topology: Topology, width: number): { height: number; shapes: Shape[] } {
  const height = Math.round(width * 1.15);
  const all = feature(topology, Object.values(topology.objects)[0]) as unknown as Collection;
  for (const { geometry } of all.features) (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates).forEach(wind);
  const projection = geoTransverseMercator().rotate([-15, 0]).fitSize([width, height], all as never);
  const draw = geoPath(projection).digits(1);
  return {
    height,
    shapes: all.features.map((one) => ({ code: String(one.id), path: draw(one as never) ?? "", centre: draw.centroid(one as never) })),
  };
}

// A small line without axes, beside a figure that says it in words.
import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";

export function Spark({ values }: { values: (number | null)[] }) {
  const width = 104, height = 34;
  const [low = 0, high = 1] = extent(values.filter((value): value is number => value !== null));
  const x = scaleLinear([0, Math.max(1, values.length - 1)], [4, width - 6]);
  const y = scaleLinear([low - (high - low) * 0.1 - 1e-9, high + (high - low) * 0.1 + 1e-9], [height - 5, 5]);
  const path = line<number | null>().defined((value) => value !== null).x((_, index) => x(index)).y((value) => y(value!));
  const last = values.map((value) => value !== null).lastIndexOf(true);
  return (
    <svg class="spark" width={width} height={height} aria-hidden="true">
      <path d={path(values) ?? ""} />
      {last >= 0 && <circle cx={x(last)} cy={y(values[last]!)} r="3.5" />}
    </svg>
  );
}

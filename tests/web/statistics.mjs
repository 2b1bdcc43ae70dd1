// The page's statistics against known answers: statistics.mjs MODULE
const { distance, errorOf, funnelLimits, limitFor, nearest, sizeGroup, spreadOf, standingOf, trendOf } = await import(process.argv[2]);

const faults = [];
const near = (is, wanted, within, what) => { if (!(Math.abs(is - wanted) <= within)) faults.push(`${what}: ${is}, not ${wanted}`); };
const equal = (is, wanted, what) => { if (JSON.stringify(is) !== JSON.stringify(wanted)) faults.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`); };

// Thirteen trials of a vaccine (Colditz et al. 1994); R's metafor by DerSimonian and Laird: mean -0.7141, error 0.1787, variance
// between 0.3088.
const value = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.012, -0.4694, -1.3713, -0.3394, 0.4459, -0.0173];
const variance = [0.3256, 0.1946, 0.4154, 0.02, 0.0512, 0.0069, 0.223, 0.004, 0.0564, 0.073, 0.0124, 0.5325, 0.0714];
const trials = value.map((one, i) => ({ code: String(i), value: one, error: Math.sqrt(variance[i]), size: 1 / variance[i] }));
const spread = spreadOf(trials);
near(spread.mean, -0.7141, 0.001, "mean");
near(Math.sqrt(spread.ofMean), 0.1787, 0.0005, "error of the mean");
near(spread.between, 0.3088, 0.001, "variance between");
equal(spreadOf(trials.slice(0, 4)), null, "four places are too few");
near(errorOf(1.04, 4.96), 1, 0.001, "error of an interval");

// Student's distribution, from tables.
near(limitFor(1.959964, 12), 2.228, 0.005, "limit of ten degrees, 95 %");
near(limitFor(3.090232, 12), 4.144, 0.05, "limit of ten degrees, 99.8 %");
near(limitFor(1.959964, 122), 1.98, 0.001, "limit of 120 degrees");

// Equal places with chance alone between them: nothing is beyond it. One far off is.
const equals = Array.from({ length: 12 }, (_, i) => ({ code: String(i), value: 50 + (i % 2), error: 2, size: 100 }));
equal(standingOf({ code: "own", value: 52, error: 2, size: 100 }, equals), "asOthers", "near the others");
equal(standingOf({ code: "own", value: 70, error: 2, size: 100 }, equals), "higherClear", "far above");
equal(standingOf({ code: "own", value: 31, error: 2, size: 100 }, equals), "lowerClear", "far below");
equal(standingOf({ code: "own", value: 70, error: 0, size: 100 }, equals), "noComparison", "uncertainty not known");
equal(standingOf(null, equals), "noComparison", "no figure");
near(distance({ code: "", value: 52.5, error: 2, size: 1 }, { mean: 50.5, between: 0, ofMean: 0, places: 12 }), 1, 1e-9, "distance");
// A place that differs is not judged by itself.
equal(standingOf({ code: "0", value: 70, error: 2, size: 100 }, equals), "higherClear", "without itself");

const limits = funnelLimits(spreadOf(equals), equals, 400);
near(limits.inner[1] - 50.5, 1.96, 0.01, "four times the size, half the error");

const line = (values, error) => values.map((one, x) => ({ x, value: one, error }));
equal(trendOf(line([50, 52, 54, 56], 0.5)), "rising", "a rise");
equal(trendOf(line([56, 54, 52, 50], 0.5)), "falling", "a fall");
equal(trendOf(line([50, 52, 54, 56], 10)), "steady", "a rise lost in uncertainty");
equal(trendOf(line([50, 60, 45, 56], 0.1)), "steady", "certain figures that scatter");
equal(trendOf(line([50, 52], 0.5)), "noTrend", "two periods");

const covariates = new Map([["a", [1000, 0.05]], ["b", [1100, 0.05]], ["c", [10000, 0.05]], ["d", [1000, 0.2]]]);
equal(nearest("a", covariates, 2).slice(0, 1), ["b"], "the nearest");
equal(nearest("x", covariates, 2), [], "not known");
equal([1999, 2000, 9999, 49999, 50000].map(sizeGroup), [0, 1, 2, 3, 4], "size groups");

if (faults.length) {
  console.log(faults.join("\n"));
  process.exit(1);
}
console.log("as known");

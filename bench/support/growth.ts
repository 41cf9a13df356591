import { type Distribution, round } from './stats.ts';

// Measured one after the other on a machine with other things to do, two sizes differ by a third without any cause.
// What really grows with its axis is not twice but ten or a hundred times as much at its end.
const CONSTANT_RATIO_MAX = 2;
const LINEAR_EXPONENT_MAX = 1.2;

/** How something may grow: not at all, or no faster than what it is about. */
export type Law = 'constant' | 'linear';

/** One thing that was measured at every size of an axis. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
  /** Where the values are medians: what they are the medians of. */
  readonly distributions?: readonly Distribution[];
  /** The last value over the first. */
  readonly ratio: number;
  /** Between the two largest sizes: 0 is constant, 1 linear, 2 quadratic. What does not depend on size hides it before. */
  readonly exponent: number;
  readonly law: Law;
  readonly held: boolean;
}

/** One axis along which something grows, and what was measured at each size. */
export interface Growth {
  /** For files and for `--compare`, e.g. `sessions`. */
  readonly name: string;
  /** In words, e.g. `live sessions on one hub`. */
  readonly axis: string;
  readonly sizes: readonly number[];
  readonly curves: readonly Curve[];
}

/** What a curve is called, its unit, and how it may grow. */
type Heading = readonly [name: string, unit: string, law: Law];

/** Brings the curves together: `points` has one entry for each size. Of a distribution the median counts. */
export function growthOf<K extends string>(
  name: string,
  axis: string,
  sizes: readonly number[],
  points: readonly Readonly<Record<NoInfer<K>, number | Distribution>>[],
  headings: Readonly<Record<K, Heading>>,
): Growth {
  const keys = Object.keys(headings) as K[];
  const curves = keys.map((key) =>
    curveOf(
      headings[key],
      sizes,
      points.map((point) => point[key]),
    ),
  );
  return { name, axis, sizes, curves };
}

function curveOf(
  [name, unit, law]: Heading,
  sizes: readonly number[],
  measured: readonly (number | Distribution)[],
): Curve {
  const values = measured.map((each) => round(typeof each === 'number' ? each : each.p50));
  const distributions = measured.filter((each) => typeof each !== 'number');
  const [first = 0, last = 0, before = 0] = [values[0], values.at(-1), values.at(-2)];
  const ratio = round(last / first);
  const exponent = round(Math.log(last / before) / Math.log((sizes.at(-1) ?? 0) / (sizes.at(-2) ?? 0)));
  const held = law === 'constant' ? ratio <= CONSTANT_RATIO_MAX : exponent <= LINEAR_EXPONENT_MAX;
  return { name, unit, values, ...(distributions.length > 0 && { distributions }), ratio, exponent, law, held };
}

/** The bar of a curve, in words. */
export function lawOf({ law }: Curve): string {
  return law === 'constant'
    ? `constant: last / first <= ${CONSTANT_RATIO_MAX}`
    : `linear: exponent <= ${LINEAR_EXPONENT_MAX}`;
}

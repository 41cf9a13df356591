import { type Distribution, round } from './stats.ts';

/** One bar of a row, and how the measured value stands to it. */
export interface Bar {
  readonly name: string;
  /** What was measured, in the unit of the bar: a ratio (`x`) or the row's own unit. */
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly held: boolean;
}

/** One row of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly measured: Distribution;
  readonly floor?: { readonly name: string; readonly distribution: Distribution };
  readonly bars: readonly Bar[];
  /** What else was seen on the way, by name. */
  readonly facts: Readonly<Record<string, number | string | Distribution>>;
}

/** A bar that holds when the value is at most the limit. */
export function bar(name: string, value: number, limit: number, unit: string): Bar {
  return { name, value: round(value), limit, unit, held: value <= limit };
}

/** How many times the floor a row takes at one percentile, against the most that it may take. */
export function ratioBar(at: 'p50' | 'p99', measured: Distribution, floor: Distribution, limit: number): Bar {
  return bar(at, measured[at] / floor[at], limit, 'x');
}

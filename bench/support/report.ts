import type { Distribution } from './stats.ts';
import { round } from './stats.ts';

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

const COLUMNS = ['', 'unit', 'n', 'p50', 'p95', 'p99', 'max', 'floor p50', 'floor p99', 'measured against bar', ''];

/** The rows as a table, with what else was seen below it. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [COLUMNS, ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const facts = rows.filter((row) => Object.keys(row.facts).length > 0).map(factsOf);
  return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1), '', ...facts].join('\n');
}

const isText = (column: number): boolean => [0, 1, 9, 10].includes(column);

function cellsOf({ name, unit, measured, floor, bars }: Row): string[] {
  const { n, p50, p95, p99, max } = measured;
  const floors = floor ? [floor.distribution.p50, floor.distribution.p99] : [];
  const stands = bars.map((each) => `${each.name} ${short(each.value)} ${each.unit} (<= ${each.limit})`);
  const verdict = bars.length === 0 ? '' : bars.every(({ held }) => held) ? 'held' : 'FALLS SHORT';
  return [
    name,
    unit,
    String(n),
    ...[p50, p95, p99, max].map(short),
    ...[floors[0], floors[1]].map((value) => (value === undefined ? '' : short(value))),
    stands.join(', '),
    verdict,
  ];
}

function factsOf({ name, facts }: Row): string {
  const words = Object.entries(facts).map(([what, value]) => `${what} ${factOf(value)}`);
  return `  ${name}: ${words.join('; ')}`;
}

function factOf(value: number | string | Distribution): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? short(value) : `${short(value.p50)} (p99 ${short(value.p99)})`;
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

import { type Curve, type Growth, lawOf } from './growth.ts';
import type { Row } from './row.ts';
import type { Distribution } from './stats.ts';

const COLUMNS = ['', 'unit', 'n', 'p50', 'p95', 'p99', 'max', 'floor p50', 'floor p99', 'measured against bar', ''];

/** The rows as a table, with what else was seen below it. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [COLUMNS, ...rows.map(cellsOf)];
  const lines = aligned(cells, isText);
  const facts = rows.filter((row) => Object.keys(row.facts).length > 0).map(factsOf);
  return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1), '', ...facts].join('\n');
}

/** What was measured along each axis, a line for each curve. */
export function growthTableOf(growths: readonly Growth[], callsCounted: string): string {
  const tables = growths.map(({ axis, sizes, curves }) => {
    const head = [
      `over ${axis}`,
      'unit',
      ...sizes.map((size) => size.toLocaleString('en')),
      'last / first',
      'exponent',
      'bar',
      '',
    ];
    const lines = aligned([head, ...curves.map(curveCells)], (column) => column < 2 || column >= sizes.length + 4);
    return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1), ''].join('\n');
  });
  return [...tables, `Exponent: between the two largest sizes. System calls: ${callsCounted}.`].join('\n');
}

function curveCells(curve: Curve): string[] {
  const { name, unit, values, ratio, exponent, held } = curve;
  return [
    name,
    unit,
    ...values.map(short),
    short(ratio),
    exponent.toFixed(2),
    lawOf(curve),
    held ? 'held' : 'FALLS SHORT',
  ];
}

function aligned(cells: readonly (readonly string[])[], isLeft: (column: number) => boolean): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => (isLeft(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
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

/** A number in three digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

import { type Curve, type Growth, lawOf } from './growth.ts';
import type { Result } from './results.ts';
import type { Row } from './row.ts';
import type { Distribution } from './stats.ts';

const COLUMNS = ['', 'unit', 'n', 'p50', 'p95', 'p99', 'max', 'floor p50', 'floor p99'];
const VERDICT = ['measured against bar', ''];

/** What a run prints. A smoke run has too few samples for a verdict, so it is held against no bar. */
export function reportOf({ quick, machine, seconds, rows, growth }: Result): string[] {
  return [
    `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), load before ${machine.load_before}, ${seconds} s`,
    ...(quick ? ['A smoke run: too few samples for a verdict.'] : []),
    '',
    ...(rows.length > 0 ? [tableOf(rows, !quick), ''] : []),
    ...(growth.length > 0 ? [growthTableOf(growth, machine.system_calls, !quick), ''] : []),
    ...(quick ? [] : [verdictOf(rows, growth)]),
  ];
}

/** Which bars were missed, in one sentence. */
export function verdictOf(rows: readonly Row[], growth: readonly Growth[]): string {
  const short = [
    ...rows.filter(({ bars }) => bars.some(({ held }) => !held)).map(({ name }) => name),
    ...growth.flatMap(({ axis, curves }) =>
      curves.filter(({ held }) => !held).map(({ name }) => `${name} over ${axis}`),
    ),
  ];
  return short.length === 0 ? 'Every bar is held.' : `Falls short: ${short.join('; ')}.`;
}

/** The rows as a table, with what else was seen below it. */
function tableOf(rows: readonly Row[], judged: boolean): string {
  const head = [...COLUMNS, ...(judged ? VERDICT : [])];
  const cells = [head, ...rows.map((row) => [...cellsOf(row), ...(judged ? verdictCells(row) : [])])];
  const lines = aligned(cells, isText);
  return [
    lines[0],
    '-'.repeat(lines[0]?.length ?? 0),
    ...lines.slice(1),
    '',
    ...factsOf(rows).map((line) => `  ${line}`),
  ].join('\n');
}

/** What was measured along each axis, a line for each curve. */
function growthTableOf(growths: readonly Growth[], callsCounted: string, judged: boolean): string {
  const tables = growths.map(({ axis, sizes, curves }) => {
    const head = [
      `over ${axis}`,
      'unit',
      ...sizes.map((size) => size.toLocaleString('en')),
      'last / first',
      'exponent',
      ...(judged ? ['bar', ''] : []),
    ];
    const body = curves.map((curve) => [...curveCells(curve), ...(judged ? lawCells(curve) : [])]);
    const lines = aligned([head, ...body], (column) => column < 2 || column >= sizes.length + 4);
    return [lines[0], '-'.repeat(lines[0]?.length ?? 0), ...lines.slice(1), ''].join('\n');
  });
  return [...tables, `Exponent: between the two largest sizes. System calls: ${callsCounted}.`].join('\n');
}

function curveCells({ name, unit, values, ratio, exponent }: Curve): string[] {
  return [name, unit, ...values.map(short), short(ratio), exponent.toFixed(2)];
}

function lawCells(curve: Curve): string[] {
  return [lawOf(curve), curve.held ? 'held' : 'FALLS SHORT'];
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

function cellsOf({ name, unit, measured, floor }: Row): string[] {
  const { n, p50, p95, p99, max } = measured;
  const floors = floor ? [floor.distribution.p50, floor.distribution.p99] : [];
  return [
    name,
    unit,
    String(n),
    ...[p50, p95, p99, max].map(short),
    ...[floors[0], floors[1]].map((value) => (value === undefined ? '' : short(value))),
  ];
}

function verdictCells({ bars }: Row): string[] {
  const stands = bars.map((each) => `${each.name} ${short(each.value)} ${each.unit} (<= ${each.limit})`);
  const verdict = bars.length === 0 ? '' : bars.every(({ held }) => held) ? 'held' : 'FALLS SHORT';
  return [stands.join(', '), verdict];
}

/** What else was seen, a line for each row that has such things. */
export function factsOf(rows: readonly Row[]): string[] {
  return rows
    .filter(({ facts }) => Object.keys(facts).length > 0)
    .map(({ name, facts }) => {
      const words = Object.entries(facts).map(([what, value]) => `${what} ${factOf(value)}`);
      return `${name}: ${words.join('; ')}`;
    });
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

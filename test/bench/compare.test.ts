import { describe, expect, it } from 'vitest';
import { compare, comparisonOf } from '../../bench/support/compare.ts';
import { growthOf } from '../../bench/support/growth.ts';
import type { Result } from '../../bench/support/results.ts';
import type { Row } from '../../bench/support/row.ts';
import { distribution } from '../../bench/support/stats.ts';

describe('the comparison of two runs', () => {
  it('says nothing of what is within noise', () => {
    const { changes, compared } = compare([run({ ask: 3, hub: 600 })], run({ ask: 3.3, hub: 660 }));
    expect(changes).toEqual([]);
    expect(compared).toBe(2);
  });

  it('names what became slower against its floor, what became worse, and what became better', () => {
    const before = run({ ask: 3, floor: 1.5, hub: 600, idle: 2 });
    const now = run({ ask: 5, floor: 1.5, hub: 720, idle: 1 });
    const { changes } = compare([before], now);
    expect(changes.map(({ name, unit, verdict }) => [name, unit, verdict])).toEqual([
      ['ask', 'x', 'slower'],
      ['hub start', 'ms', 'worse'],
      ['idle', '%', 'better'],
    ]);
    expect(comparisonOf({ changes, compared: 3, elsewhere: 0 }).join('\n')).toContain(
      'SLOWER  ask: 2 -> 3.33 x (1.67 x)',
    );
  });

  it('takes a machine that is slower as a whole for what it is', () => {
    expect(compare([run({ ask: 3, floor: 1.5 })], run({ ask: 9, floor: 4.5 })).changes).toEqual([]);
  });

  it('compares with another machine or Node only what stands against a floor', () => {
    const elsewhere = run({ ask: 3, hub: 600 }, { cpu: 'another' });
    const comparison = compare([elsewhere], run({ ask: 9, hub: 6_000 }));
    expect(comparison.changes.map(({ name, verdict }) => [name, verdict])).toEqual([['ask', 'slower']]);
    expect(comparison).toMatchObject({ compared: 1, elsewhere: 1 });
  });

  it('looks for each row in the newest run that has it', () => {
    const newer = run({ hub: 900 });
    const older = run({ ask: 3, hub: 100 });
    expect(compare([newer, older], run({ ask: 3, hub: 900 }))).toMatchObject({ changes: [], compared: 2 });
  });

  it('takes no tiny step for a change, however large it is as a ratio', () => {
    expect(compare([run({ idle: 0.02 })], run({ idle: 0.06 })).changes).toEqual([]);
  });

  it('takes less at the end than at the beginning for chance', () => {
    const { changes } = compare([growing([2, 2, 1])], growing([1, 1, 1]));
    expect(changes).toEqual([]);
  });

  it('sees what has begun to grow', () => {
    const { changes } = compare([growing([1, 1, 1])], growing([1, 1, 4]));
    expect(changes.map(({ name, unit, verdict }) => [name, unit, verdict])).toEqual([
      ['one change, 1000 records', 'ms', 'slower'],
      ['one change, 1000 records against 10', 'x', 'slower'],
    ]);
  });
});

describe('growth', () => {
  it('tells constant, linear and quadratic apart', () => {
    const [constant, linear, quadratic] = [
      [5, 6, 5],
      [12, 30, 210],
      [10, 100, 10_000],
    ].map((values) => growthOfChange(values, values[0] === 5 ? 'constant' : 'linear').curves[0]);
    expect(constant).toMatchObject({ ratio: 1, exponent: -0.079, held: true });
    expect(linear).toMatchObject({ ratio: 17.5, exponent: 0.845, held: true });
    expect(quadratic).toMatchObject({ exponent: 2, held: false });
  });
});

const MACHINE = {
  node: 'v20.20.2',
  platform: 'linux x64',
  cores: 2,
  cpu: 'one',
  load_before: 0,
  load_after: 0,
  system_calls: '',
};

function run(
  { ask, floor = 1, hub, idle }: { ask?: number; floor?: number; hub?: number; idle?: number },
  machine: Partial<Result['machine']> = {},
): Result {
  const rows: Row[] = [];
  if (ask) {
    const floors = { name: 'append', distribution: distribution([floor]) };
    rows.push({ ...rowOf('ask', 'ms', ask), floor: floors });
  }
  if (hub) rows.push(rowOf('hub start', 'ms', hub));
  if (idle) rows.push(rowOf('idle', '%', idle));
  const at = '2026-11-20T10:00:00.000Z';
  return { at, quick: false, seconds: 1, machine: { ...MACHINE, ...machine }, rows, growth: [] };
}

const rowOf = (name: string, unit: string, value: number): Row => ({
  name,
  unit,
  measured: distribution([value]),
  bars: [],
  facts: {},
});

const growing = (values: readonly number[]): Result => ({ ...run({}), growth: [growthOfChange(values, 'constant')] });

function growthOfChange(values: readonly number[], law: 'constant' | 'linear') {
  const points = values.map((change) => ({ change }));
  return growthOf('records', 'records', [10, 100, 1_000], points, { change: ['one change', 'ms', law] });
}

import { describe, expect, it } from 'vitest';
import { figures } from '../../bench/support/docs.ts';
import { growthOf } from '../../bench/support/growth.ts';
import { reportOf } from '../../bench/support/report.ts';
import type { Result } from '../../bench/support/results.ts';
import { ratioBar } from '../../bench/support/row.ts';
import { FULL, QUICK } from '../../bench/support/size.ts';
import { distribution } from '../../bench/support/stats.ts';
import { page } from '../support/docs.ts';

const VERDICTS = /bar|<=|held|falls short/i;

describe('what a run prints', () => {
  it('says which bars are held and which are missed', () => {
    const said = reportOf(result({ quick: false })).join('\n');
    expect(said).toMatch(/^ask .* p99 6\.74 x \(<= 5\) +FALLS SHORT$/m);
    expect(said).toMatch(/^one change .* constant: last \/ first <= 2 +FALLS SHORT$/m);
    expect(said).toContain('Falls short: ask; one change over records.');
  });

  it('holds a smoke run against no bar', () => {
    const said = reportOf(result({ quick: true })).join('\n');
    expect(said).toContain('too few samples for a verdict.');
    expect(said).toMatch(/^ask .*6\.74/m);
    expect(said).toMatch(/^one change /m);
    expect(said).not.toMatch(VERDICTS);
  });

  it('has memory at rest only where a run waits for rest, which takes V8 up to 25 seconds', () => {
    for (const { restSeconds } of [FULL, QUICK]) expect(restSeconds === 0 || restSeconds > 25).toBe(true);
  });
});

describe('the page with the figures', () => {
  it('says what they are of, how busy the machine was, and what not to compare', () => {
    const said = figures(result({ quick: false }), new Map());
    expect(said).toContain(
      'Version 0.1.0 (9dd13b8), measured on 2026-11-20: 2 cores (one), linux x64, Node v20.20.2, load (mean of a minute) ' +
        '3.5 before and 1 after. At first there was more to do than there were cores: single times may be too long.',
    );
    const { text } = page('docs/performance.md');
    const [differences = ''] = /^Compare within a table only\.[\s\S]*/m.exec(said) ?? [];
    expect(differences).not.toBe('');
    expect(text).toContain(`${differences}\n\n<!-- end of figures -->`);
    expect(text).toMatch(/^Version \S+ \([0-9a-f]{7,}\), measured on .* before and .* after/m);
  });
});

/** A run that misses both of its bars. */
function result({ quick }: { quick: boolean }): Result {
  const measured = distribution([6.74]);
  const floor = distribution([1]);
  const points = [{ change: 1 }, { change: 9 }];
  return {
    at: '2026-11-20T10:00:00.000Z',
    program: '0.1.0 (9dd13b8)',
    quick,
    seconds: 1,
    machine: {
      node: 'v20.20.2',
      platform: 'linux x64',
      cores: 2,
      cpu: 'one',
      load_before: 3.5,
      load_after: 1,
      system_calls: 'all',
    },
    rows: [
      {
        name: 'ask',
        unit: 'ms',
        measured,
        floor: { name: 'append', distribution: floor },
        bars: [ratioBar('p99', measured, floor, 5)],
        facts: {},
      },
    ],
    growth: [growthOf('records', 'records', [10, 100], points, { change: ['one change', 'ms', 'constant'] })],
  };
}

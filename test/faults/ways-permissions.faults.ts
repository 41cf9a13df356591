import { describe, expect, it } from 'vitest';
import { runHook } from '../support/claude-hooks.ts';
import { BY_HOOK, startFaultLine } from '../support/faults/fault-line.ts';
import { count } from '../support/faults/injected.ts';
import { PROCESS_FAULTS } from '../support/faults/kinds.ts';
import { strike, timingsOf } from '../support/faults/matrix.ts';
import { checkPromises, decideUntilOver, PROMISES } from '../support/faults/promises.ts';
import { nothing, type Step } from '../support/faults/steps.ts';
import { PERMISSION_STEPS, WAY_FAULTS } from '../support/faults/ways.ts';
import { kill } from '../support/switchboard.ts';

for (const { allowed, ...step } of PERMISSION_STEPS) {
  describe(step.name, () => {
    for (const kind of WAY_FAULTS) {
      // Who has said yes twice wants it; else both, by turns.
      const wills = allowed ? (['allow'] as const) : (['allow', 'deny'] as const);
      for (const will of wills) {
        it(`${kind.name}: the person's word counts, and only that (${will})`, async () => {
          const line = await startFaultLine({ way: BY_HOOK, timings: timingsOf([kind]) });
          const done = await strike(line, step, [kind]);
          await decideUntilOver(line, will, done);
          await checkPromises(line, done);
        });
      }
    }
  });
}

describe('a permission that waits for somebody at the desk', () => {
  const HELD: Step = {
    name: 'held: in the file, and shown nowhere',
    calls: false,
    reach: async (line) => {
      line.ask();
      await line.written('"hold_until"');
      const due = line.records().flatMap(({ hold_until }) => (hold_until ? [Date.parse(String(hold_until))] : []));
      // The cards first: on a busy machine their time may come between the two.
      const early = line.openCards().length > 0 && Date.now() < Math.min(...due);
      expect(early, 'shown before its time').toBe(false);
      return nothing;
    },
  };
  const env = { DESK_SECONDS: '2' };

  for (const kind of PROCESS_FAULTS) {
    it(`${kind.name}: it is shown when its time has come, and decided by nobody but the person`, async () => {
      const line = await startFaultLine({ way: BY_HOOK, env, timings: timingsOf([kind]) });
      const done = await strike(line, HELD, [kind]);
      expect(line.result === null || line.result instanceof Error, 'nothing is decided yet').toBe(true);
      await decideUntilOver(line, 'deny', done);
      await checkPromises(line, done);
    });
  }

  it('and is decided there while no hub lives is never shown', async () => {
    const line = await startFaultLine({ way: BY_HOOK, env: { DESK_SECONDS: '600' } });
    await HELD.reach(line);
    for (const pid of line.hubs) kill(pid, 'SIGKILL');
    await runHook(line.asker, 'PostToolBatch');
    await line.api.waitFor(() => line.result !== null);
    expect(line.result).toMatchObject({ status: 'undecided' });
    await checkPromises(line, { endsAsker: false, destroys: false });
    expect(line.owner.messages().filter(({ text }) => text?.includes(BY_HOOK.question))).toEqual([]);
    count('checked', PROMISES.allowed);
  });
});

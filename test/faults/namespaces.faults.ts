import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TIMINGS as DEFAULTS } from '../../src/runtime/timings.ts';
import { type FaultLine, QUESTION, startFaultLine } from '../support/faults/fault-line.ts';
import { count } from '../support/faults/injected.ts';
import { SINGLE_FAULTS } from '../support/faults/kinds.ts';
import { reusePid } from '../support/faults/pid-claim.ts';
import { answerUntilOver, checkPromises } from '../support/faults/promises.ts';
import { STEPS } from '../support/faults/steps.ts';
import { unless } from '../support/faults/system.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { newQuestion, questionDraft } from '../support/records.ts';
import { kill, until } from '../support/switchboard.ts';

const startedAt = (pid: number): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19];

describe.skipIf(unless('linux', 'chosen pids'))('a killed server whose pid another process has by now', () => {
  for (const step of STEPS.filter(({ calls }) => !calls)) {
    it(`is over all the same; ${step.name}`, async () => {
      const line = await startFaultLine();
      const held = await step.reach(line);
      const hubs = line.hubs;
      // Nobody looks while the pid belongs to nobody.
      for (const pid of [...hubs, line.witness.pid]) kill(pid, 'SIGSTOP');
      const before = startedAt(line.asker.pid);
      kill(line.asker.pid, 'SIGKILL');
      await reusePid(line.asker.pid);
      expect(startedAt(line.asker.pid)).not.toBe(before);
      count('injected', SINGLE_FAULTS.pidReused);
      held.release();
      for (const pid of [...hubs, line.witness.pid]) kill(pid, 'SIGCONT');
      await answerUntilOver(line, { endsAsker: true, destroys: false });
      await checkPromises(line, { endsAsker: true, destroys: false });
      await until(
        () => !existsSync(line.path),
        () => `the session to be archived; its file holds\n${line.fileText()}`,
      );
    });
  }
});

describe.skipIf(unless('linux', 'pid namespaces'))('a session in another pid namespace, as in a container', () => {
  const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const elsewhere = async (): Promise<FaultLine> => {
    const line = await startFaultLine({ through: { asker: CONTAINER } });
    const [metadata] = line.records().filter(({ session_id }) => session_id === line.askerSession);
    expect(metadata).toMatchObject({ pid: 1 });
    count('injected', SINGLE_FAULTS.pidNamespace);
    return line;
  };

  for (const step of STEPS) {
    it(`is not taken for dead, though its pid is another process here; ${step.name}`, async () => {
      const line = await elsewhere();
      const held = await step.reach(line);
      for (const pid of line.hubs) kill(pid, 'SIGKILL');
      held.release();
      await answerUntilOver(line, { endsAsker: false, destroys: false });
      await checkPromises(line, { endsAsker: false, destroys: false });
    });
  }

  it('that was killed there is over after a day of silence, and no sooner', async () => {
    const line = await elsewhere();
    await STEPS.find(({ name }) => name.startsWith('waiting'))?.reach(line);
    kill(line.asker.pid, 'SIGKILL');
    await until(
      () => line.result !== null,
      () => 'the client to notice',
    );
    line.control({ clock: 23 * 3_600_000 });
    // A judgement is made ten times a heartbeat, and silence proves something two heartbeats after a clock jumped.
    await sleep(3_500);
    expect(line.openCards()).toHaveLength(1);
    line.control({ clock: 25 * 3_600_000 });
    await settledCard(line.api, line.owner, QUESTION, /session has ended/);
    await checkPromises(line, { endsAsker: true, destroys: false });
  });
});

describe.skipIf(unless('linux', 'host names'))('a session of a host that is called otherwise by now', () => {
  const RENAMED = ['unshare', '--uts', 'sh', '-c', 'hostname before && exec "$@"', 'sh'];

  for (const step of STEPS.filter(({ calls }) => !calls)) {
    it(`is over when its server was killed, and never said to have the answer; ${step.name}`, async () => {
      const line = await startFaultLine({ through: { asker: RENAMED } });
      const [metadata] = line.records().filter(({ session_id }) => session_id === line.askerSession);
      expect(metadata).toMatchObject({ host: 'before' });
      count('injected', SINGLE_FAULTS.hostRenamed);
      const held = await step.reach(line);
      kill(line.asker.pid, 'SIGKILL');
      held.release();
      await answerUntilOver(line, { endsAsker: true, destroys: false });
      await checkPromises(line, { endsAsker: true, destroys: false });
      await until(
        () => !existsSync(line.path),
        () => `the session to be archived; its file holds\n${line.fileText()}`,
      );
    });
  }
});

describe.skipIf(unless('linux', 'user namespaces'))('change events', () => {
  // In a user namespace the limit is its own, so nobody else on this machine is out of watches.
  const NO_INOTIFY = [
    'unshare',
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
    'sh',
  ];

  // What docs/guarantees.md says of it, and room for a busy machine.
  const AS_IN_LIFE = { slowLook: 2_000, slowLookWaiting: 250 };
  const SLACK_MS = 1_500;

  it('has the spans in life that are promised', () => {
    expect(DEFAULTS).toMatchObject(AS_IN_LIFE);
  });

  it('that cannot be had, since inotify is used up, delay an answer and lose none', async () => {
    const line = await startFaultLine({ through: { asker: NO_INOTIFY, witness: NO_INOTIFY }, timings: AS_IN_LIFE });
    await until(
      () => /EMFILE/.test(line.asker.stderr),
      () => `a word about watches in: ${line.asker.stderr}`,
    );
    count('injected', SINGLE_FAULTS.watchesExhausted);
    expect(await answeredByFileAlone(line)).toBeLessThan(AS_IN_LIFE.slowLookWaiting + SLACK_MS);
  });

  it('that never come delay an answer and lose none', async () => {
    const line = await startFaultLine({ control: { watches: 'lying' }, timings: AS_IN_LIFE });
    count('injected', SINGLE_FAULTS.watchesLyingAlways);
    expect(await answeredByFileAlone(line)).toBeLessThan(AS_IN_LIFE.slowLook + SLACK_MS);
  });

  it('that overflow their queue while the hub is stopped delay an answer and a question, and lose none', async () => {
    const line = await startFaultLine();
    await STEPS.find(({ name }) => name.startsWith('waiting'))?.reach(line);
    const { hubs } = line;
    const { record } = await line.place.hub.question(line.askerSession, QUESTION);
    for (const pid of [...hubs, line.asker.pid]) kill(pid, 'SIGSTOP');
    const noise = [1, 2].map((n) => join(line.place.sessionsDirectory, `noise-${n}`));
    // Two by turns: the system merges equal events. What comes when the queue is full is dropped without a word.
    const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    for (let n = 0; n <= most; n += 1) appendFileSync(noise[n % 2] ?? '', '.');
    count('injected', SINGLE_FAULTS.watchesOverflow);
    await line.place.hub.answer(line.askerSession, record.id, 'Yes');
    await line.place.hub.store.append(line.askerSession, questionDraft(newQuestion(), 'Asked while it overflowed?'));
    for (const pid of [...hubs, line.asker.pid]) kill(pid, 'SIGCONT');
    await line.api.waitFor(() => line.result !== null);
    expect(line.result).toMatchObject({ status: 'answered', answer: 'Yes' });
    await settledCard(line.api, line.owner, QUESTION, /Yes/);
    await openCard(line.api, line.owner, 'Asked while it overflowed?');
  });

  /**
   * The answer comes from a writer that tells nobody, and so does the next question: only the slow look finds them. Returns
   * for how many milliseconds the tool waited for what was in its file.
   */
  async function answeredByFileAlone(line: FaultLine): Promise<number> {
    await STEPS.find(({ name }) => name.startsWith('waiting'))?.reach(line);
    const { hub } = line.place;
    const { record } = await hub.question(line.askerSession, QUESTION);
    await hub.answer(line.askerSession, record.id, 'Yes');
    const answeredAt = performance.now();
    await until(
      () => line.result !== null,
      () => 'the answer to arrive',
    );
    const took = performance.now() - answeredAt;
    expect(line.result).toMatchObject({ status: 'answered', answer: 'Yes' });
    await settledCard(line.api, line.owner, QUESTION, /Yes/);
    await hub.store.append(line.askerSession, questionDraft(newQuestion(), 'Seen by nobody but the slow look?'));
    await openCard(line.api, line.owner, 'Seen by nobody but the slow look?');
    return took;
  }
});

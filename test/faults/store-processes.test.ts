import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { QuestionId, SessionId } from '../../src/domain/ids.ts';
import { parseRecord } from '../../src/domain/records.ts';
import { emptySessionState, fold, type SessionState } from '../../src/domain/session-state.ts';
import { count } from '../support/faults/injected.ts';
import { SINGLE_FAULTS } from '../support/faults/kinds.ts';
import { metadataDraft, newQuestion, newSession } from '../support/records.ts';
import { linesOf, StorePlace } from '../support/store-places.ts';
import type { Acknowledgement } from '../support/store-worker.ts';
import { type StoreWorker, StoreWorkers } from '../support/store-workers.ts';
import { until } from '../support/switchboard.ts';

const workers = new StoreWorkers();

// The shortest that the lock library takes.
const STALE_MS = 2_000;
const KILLS_MIN = 2;
const TOLD_MIN = 100;
const SECONDS = Number(process.env.SWITCHBOARD_TORTURE_SECONDS ?? 3);

/** What any reader of the file makes of it. */
function stateOf(path: string): SessionState {
  return linesOf(path)
    .map(parseRecord)
    .filter((record) => record !== null)
    .reduce(fold, emptySessionState());
}

/** Nothing acknowledged is missing, and everybody was told the winner that every reader sees. */
function expectKept(path: string, acknowledgements: readonly Acknowledgement[]): void {
  const { ledger } = stateOf(path);
  const lost = acknowledgements.filter(({ id, status }) => status === 'stored' && !ledger.eventIds.has(id as never));
  const wrong = acknowledgements.filter(({ id, status, slot, holder }) => {
    if (slot === undefined || status === 'closed') return false;
    return ledger.slots.get(slot)?.event_id !== (status === 'stored' ? id : holder);
  });
  expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
}

/** A process that holds the lock of a session, as soon as it does. */
function lockHolder(name: string, { directory }: StorePlace, session: SessionId): Promise<StoreWorker> {
  return new Promise((resolve) => {
    const job = { job: 'hold-lock', directory, name, session, lockStale: STALE_MS } as const;
    const worker = workers.start(job, () => resolve(worker));
  });
}

describe('racing processes', () => {
  it('leave every line parseable and agree about every winner', async () => {
    const place = new StorePlace();
    const { session, path } = await place.withSession();
    const questions = Array.from({ length: 20 }, newQuestion);
    const racers = Array.from({ length: 6 }, (_, i) =>
      workers.start({ job: 'append', directory: place.directory, name: `racer ${i}`, session, count: 60, questions }),
    );
    await Promise.all(racers.map((racer) => racer.ended));
    const acknowledgements = racers.flatMap((racer) => racer.acknowledgements);
    expect(acknowledgements).toHaveLength(6 * 60);
    expect(linesOf(path).filter((line) => parseRecord(line) === null)).toEqual([]);
    expectKept(path, acknowledgements);
    const wins = acknowledgements.filter(({ slot, status }) => slot && status === 'stored');
    expect(wins.map(({ slot }) => slot).sort()).toEqual(questions.map((id) => `outcome:${id}`).sort());
  });

  it('need no lock for any of that', async () => {
    const place = new StorePlace();
    const { session, path } = await place.withSession();
    // A file where the locks should lie: nobody can ever have one.
    writeFileSync(join(place.directory, '.locks'), '');
    const questions = Array.from({ length: 20 }, newQuestion);
    const racers = Array.from({ length: 6 }, (_, i) =>
      workers.start({ job: 'append', directory: place.directory, name: `racer ${i}`, session, count: 60, questions }),
    );
    await Promise.all(racers.map((racer) => racer.ended));
    expectKept(
      path,
      racers.flatMap((racer) => racer.acknowledgements),
    );
    const wins = racers
      .flatMap((racer) => racer.acknowledgements)
      .filter(({ slot, status }) => slot && status === 'stored');
    expect(wins).toHaveLength(questions.length);
  });

  it.each([{ locks: 'with locks' }, { locks: 'without locks' }])(
    'lose nothing acknowledged and name no wrong winner under kill -9, suspends beyond stale and half lines, $locks',
    async ({ locks }) => {
      const place = new StorePlace();
      const { session, path } = await place.withSession();
      if (locks === 'without locks') writeFileSync(join(place.directory, '.locks'), '');
      const torture = new Torture(place, session, path);
      await torture.run(SECONDS * 1_000);
      expectKept(path, torture.acknowledgements);
    },
    60_000 + SECONDS * 2_000,
  );

  it.each([
    { locks: 'with locks', count: 6 },
    { locks: 'without locks', count: 30 },
  ])(
    'find a session that is archived under their hands closed, and all that they were promised in the archive, $locks',
    async ({ locks, count }) => {
      const place = new StorePlace();
      const store = place.store();
      const sessions = Array.from({ length: count }, newSession);
      for (const session of sessions) await store.open(session, metadataDraft(session));
      if (locks === 'without locks') writeFileSync(join(place.directory, '.locks'), '');
      const archivings = new Map<SessionId, Promise<unknown>>();
      const archiveAtFirstWord = ({ session, status }: Acknowledgement): void => {
        if (status !== 'stored' || archivings.has(session)) return;
        archivings.set(
          session,
          store.archive(session, async () => true),
        );
      };
      const racers = [0, 1].map((i) =>
        workers.start(
          { job: 'append-until-closed', directory: place.directory, name: `racer ${i}`, sessions },
          archiveAtFirstWord,
        ),
      );
      await Promise.all(racers.map((racer) => racer.ended));
      expect(await Promise.all(archivings.values())).toEqual(Array(count).fill('archived'));
      for (const session of sessions) {
        expect(existsSync(place.log(session))).toBe(false);
        const words = racers.flatMap((racer) => racer.acknowledgements).filter((word) => word.session === session);
        expect(words.filter(({ status }) => status === 'closed')).toHaveLength(2);
        expectKept(place.archived(`${session}.jsonl`), words);
      }
    },
  );

  it('never take a session that is just being opened for a corrupt one', async () => {
    const place = new StorePlace();
    const store = place.store();
    const opener = workers.start({ job: 'open', directory: place.directory, name: 'opener', count: 150 });
    let done = false;
    const ended = opener.ended.finally(() => {
      done = true;
    });
    const verdicts = new Set<string>();
    while (!done) {
      for (const session of (await store.sessions()).slice(-5)) {
        const read = await store.read(session, null, 10);
        expect(read?.records[0]).toMatchObject({ type: 'session_metadata', session_id: session });
        verdicts.add(await store.archiveCorrupt(session));
      }
      await new Promise(setImmediate);
    }
    await ended;
    expect([...verdicts]).toEqual(['kept']);
    expect(await store.sessions()).toHaveLength(150);
  });

  it('wait no longer than stale for a lock whose holder was killed', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession({ lock: { stale: STALE_MS, deadline: 20_000 } });
    const holder = await lockHolder('holder', place, session);
    holder.process.kill('SIGKILL');
    await holder.ended;
    expect(existsSync(place.lock(session))).toBe(true);
    expect(await store.append(session, { id: 'after' as never, body: { type: 'heartbeat' } })).toMatchObject({
      status: 'stored',
    });
    expect(readFileSync(path, 'utf8')).not.toContain('LOCK_UNAVAILABLE');
  });
});

describe('a holder of the lock that is stopped until its lock is really stale', () => {
  it('holds nobody up, takes no lock from who has it by then, and nothing is lost', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession({ lock: { stale: STALE_MS, deadline: 20_000 } });
    const holder = await lockHolder('sleeper', place, session);
    holder.process.kill('SIGSTOP');
    const { ino } = statSync(place.lock(session));
    count('injected', SINGLE_FAULTS.stoppedHolder);
    const stored: string[] = [];
    const append = async (): Promise<void> => {
      const draft = { id: `note ${stored.length}` as never, body: { type: 'heartbeat' } } as const;
      expect(await store.append(session, draft)).toMatchObject({ status: 'stored' });
      stored.push(draft.id);
    };
    // Appends go on without the lock at first; one of them finds it stale, and takes it.
    await until(
      async () => {
        await append();
        return !existsSync(place.lock(session)) || statSync(place.lock(session)).ino !== ino;
      },
      () => 'the lock to be taken over',
    );
    holder.process.kill('SIGCONT');
    for (let n = 0; n < 50; n += 1) await append();
    expect(holder.process.exitCode, 'the sleeper is not ended by it').toBeNull();
    expect(stateOf(path).ledger.eventIds).toEqual(new Set([...stateOf(path).ledger.eventIds, ...stored]));
    expect(linesOf(path).filter((line) => stored.some((id) => line.includes(`"${id}"`)))).toHaveLength(stored.length);
    holder.process.kill('SIGKILL');
    await holder.ended;
  });
});

/** Six writers on one session, killed, suspended and disturbed until the time is over. */
class Torture {
  private kills = 0;
  private readonly place: StorePlace;
  private readonly session: SessionId;
  private readonly path: string;
  private readonly questions: QuestionId[] = Array.from({ length: 200 }, newQuestion);
  private readonly all: StoreWorker[] = [];
  private starts = 0;
  private over = false;

  constructor(place: StorePlace, session: SessionId, path: string) {
    this.place = place;
    this.session = session;
    this.path = path;
  }

  get acknowledgements(): Acknowledgement[] {
    return this.all.flatMap((worker) => worker.acknowledgements);
  }

  async run(ms: number): Promise<void> {
    const lives = Array.from({ length: 6 }, (_, i) => this.live(i));
    const half = setInterval(() => appendFileSync(this.path, '{"v":1,"event_id":"half', { flag: 'a' }), 40);
    const began = performance.now();
    // A kill mostly leaves the lock behind, which stops everybody for a while; and a busy machine does little in that time.
    const isLittle = (): boolean => this.kills < KILLS_MIN || this.acknowledgements.length < TOLD_MIN;
    while (performance.now() - began < ms || isLittle()) await sleep(50);
    clearInterval(half);
    this.over = true;
    for (const { process } of this.all) process.kill('SIGKILL');
    await Promise.all(lives);
  }

  /** One writer after the other: each is killed, or suspended for longer than its lock lasts, after some records. */
  private async live(place: number): Promise<void> {
    while (!this.over) {
      const name = `life ${this.starts++}`;
      const until = 20 + Math.floor(Math.random() * 60);
      const suspend = place === 0;
      let heard = 0;
      const worker = workers.start(
        {
          job: 'append',
          directory: this.place.directory,
          name,
          session: this.session,
          count: 1_000_000,
          questions: this.questions,
          lockStale: STALE_MS,
        },
        () => {
          heard += 1;
          if (heard % until !== 0) return;
          if (suspend) {
            worker.process.kill('SIGSTOP');
            setTimeout(() => worker.process.kill('SIGCONT'), STALE_MS + 200);
          } else {
            this.kills += 1;
            worker.process.kill('SIGKILL');
          }
        },
      );
      this.all.push(worker);
      await worker.ended;
    }
  }
}

import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import { type JsonlStore, LOCK_STALE_MS } from '../../src/store/jsonl/jsonl-store.ts';
import { allRecords } from '../support/all-records.ts';
import { metadataDraft, newSession, noteDraft, questionDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { until } from '../support/switchboard.ts';

const STORED = { status: 'stored', repeated: false };
// The shortest that the lock library takes.
const STALE_MS = 2_000;

/** Holds the lock of a session until `letGo` is called. */
async function hold(store: JsonlStore, session: SessionId): Promise<{ letGo: () => Promise<void> }> {
  return new Promise((holding) => {
    const archiving = store.archive(
      session,
      () =>
        new Promise((answer) => {
          holding({
            letGo: async () => {
              answer(false);
              await archiving;
            },
          });
        }),
    );
  });
}

// An append that waits for nobody takes some; one that waits for a lock, tens of thousands.
const TURNS_MAX = 100;

/** How often the event loop goes round until a job is done. Says whether it waits, however slow the disk is. */
async function turnsDuring(job: () => Promise<void>): Promise<number> {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns += 1;
    next = setImmediate(turn);
  });
  await job().finally(() => clearImmediate(next));
  return turns;
}

async function errorsOf(store: JsonlStore, session: SessionId): Promise<unknown[]> {
  return (await allRecords(store, session)).filter((record) => record.type === 'error');
}

describe('the lock of a session', () => {
  it('is waited for, and the record is written as soon as it is free', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const holder = await hold(place.store(), session);
    const append = store.append(session, noteDraft(1));
    await holder.letGo();
    expect(await append).toEqual(STORED);
    expect(await errorsOf(store, session)).toEqual([]);
  });

  it('that a killed holder left goes once its session is over; that of a living one, and what is no lock, stay', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const over = newSession();
    const locks = join(place.directory, '.locks');
    const names = [`${session}.lock`, `${over}.lock`, 'notes.lock', over];
    for (const name of names) {
      mkdirSync(join(locks, name), { recursive: true });
      utimesSync(join(locks, name), 0, 0);
    }
    const young = newSession();
    mkdirSync(join(locks, `${young}.lock`));
    const next = newSession();
    await store.open(next, metadataDraft(next));
    expect(readdirSync(locks).sort()).toEqual(
      [...names, `${young}.lock`].filter((name) => name !== `${over}.lock`).sort(),
    );
  });

  it('holds up no question', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const holder = await hold(place.store(), session);
    const note = store.append(session, noteDraft(1));
    const question = place.store().append(session, questionDraft());
    expect(await Promise.race([note, question.then(() => 'the question was first')])).toBe('the question was first');
    expect(await question).toEqual(STORED);
    await holder.letGo();
    expect(await note).toEqual(STORED);
    expect(await errorsOf(store, session)).toEqual([]);
  });

  it('does not cost an answer when nobody can have it in time: it is written anyway, and that is recorded once', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession({ lock: { stale: 10_000, deadline: 50 } });
    const holder = await hold(place.store(), session);
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
    expect(await store.append(session, noteDraft(2))).toEqual(STORED);
    await holder.letGo();
    expect(await errorsOf(store, session)).toEqual([
      expect.objectContaining({ code: 'LOCK_UNAVAILABLE', detail: expect.stringContaining('timeout') }),
    ]);
  });

  it.each<[string, (lock: string) => void]>([
    ['is a file', (lock) => writeFileSync(lock, '')],
    [
      'has something inside that its holder cannot remove',
      (lock) => {
        mkdirSync(join(lock, '.DS_Store'), { recursive: true });
        utimesSync(lock, new Date(0), new Date(0));
      },
    ],
    [
      'cannot be made, since a file lies where the locks belong',
      (lock) => {
        rmSync(dirname(lock), { recursive: true });
        writeFileSync(dirname(lock), '');
      },
    ],
  ])('that %s costs no time and no answer', async (_damage, ruin) => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    await store.append(session, noteDraft(1));
    ruin(place.lock(session));
    const turns = await turnsDuring(async () => {
      for (const number of [2, 3, 4]) expect(await store.append(session, noteDraft(number))).toEqual(STORED);
    });
    expect(turns).toBeLessThan(TURNS_MAX);
    expect(await errorsOf(store, session)).toEqual([
      expect.objectContaining({ code: 'LOCK_UNAVAILABLE', detail: expect.stringContaining('damaged') }),
    ]);
    // Nor does it keep a finished session for ever.
    expect(await store.archive(session, async () => true)).toBe('archived');
  });

  it('that a dead holder left in what is now the future, after the clock was set back, is cleared away', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession({ lock: { stale: STALE_MS, deadline: 15_000 } });
    mkdirSync(place.lock(session), { recursive: true });
    const hourAhead = new Date(Date.now() + 3_600_000);
    utimesSync(place.lock(session), hourAhead, hourAhead);
    await until(
      async () => {
        expect(await store.append(session, noteDraft(1))).toMatchObject({ status: 'stored' });
        return !existsSync(place.lock(session));
      },
      () => 'the lock to be cleared away',
    );
    expect(await errorsOf(store, session)).toEqual([]);
  });

  it('that a killed holder left makes nobody wait for as long as it takes to be stale', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    mkdirSync(place.lock(session), { recursive: true });
    const began = performance.now();
    for (const number of [1, 2, 3, 4, 5]) expect(await store.append(session, noteDraft(number))).toEqual(STORED);
    expect(performance.now() - began).toBeLessThan(LOCK_STALE_MS);
    expect(await errorsOf(store, session)).toEqual([]);
  });

  it('is left alone by a holder that lost it to another', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const asleep = await hold(store, session);
    rmdirSync(place.lock(session));
    const thief = await hold(place.store(), session);
    await asleep.letGo();
    expect(existsSync(place.lock(session))).toBe(true);
    await thief.letGo();
    expect(existsSync(place.lock(session))).toBe(false);
  });

  it('holds nobody up whose store is closing', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const holder = await hold(place.store(), session);
    const appends = [1, 2, 3].map((number) => store.append(session, noteDraft(number)));
    await store.close();
    expect(await Promise.all(appends)).toEqual([STORED, STORED, STORED]);
    expect(await errorsOf(store, session)).toEqual([]);
    await holder.letGo();
  });

  it('lies apart from the logs and is gone after use', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    await store.append(session, noteDraft(1));
    expect(readdirSync(join(place.directory, '.locks'))).toEqual([]);
  });
});

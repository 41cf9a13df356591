import { EventEmitter } from 'node:events';
import {
  appendFileSync,
  type FSWatcher,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type watch,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import type { SessionStore } from '../../src/store/contract.ts';
import { Hints } from '../support/hints.ts';
import { metadataDraft, newSession, noteDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';

// So rare that no test would end in time if it depended on them.
const NEVER_MS = 60_000;
const LOOKING = { slowLook: 40, slowLookWaiting: NEVER_MS };
const NOT_LOOKING = { slowLook: NEVER_MS, slowLookWaiting: NEVER_MS };

/** What the system says when the watches of a user are used up. */
const usedUp = ((): never => {
  throw Object.assign(new Error('EMFILE: too many open files, watch'), { code: 'EMFILE' });
}) as unknown as typeof watch;

/** What a network file system does: it takes the watch and never tells anything. */
const mute = (() => Object.assign(new EventEmitter(), { close: () => undefined })) as unknown as typeof watch;

async function watching(store: SessionStore, session: SessionId | null, urgent?: () => boolean): Promise<Hints> {
  const hints = new Hints(store, session, urgent);
  onTestFinished(() => hints.end());
  await hints.next();
  return hints;
}

describe('hints', () => {
  it.each([
    ['used up', usedUp],
    ['mute', mute],
  ])('come by the slow look when watches are %s', async (_name, dead) => {
    const place = new StorePlace();
    const { store, session } = await place.withSession({ timings: LOOKING, watch: dead });
    const one = await watching(store, session);
    const all = await watching(store, null);
    await store.append(session, noteDraft(1));
    expect(await one.sees(session)).toBe(true);
    expect(await all.sees(session)).toBe(true);
    const late = newSession();
    await store.open(late, metadataDraft(late));
    expect(await all.sees(late)).toBe(true);
    await store.archive(session, async () => true);
    expect(await one.sees(session)).toBe(true);
    expect(await all.sees(session)).toBe(true);
  });

  it('come sooner while somebody waits and watches are used up, and not before somebody waits', async () => {
    const place = new StorePlace();
    let waits = false;
    const timings = { slowLook: NEVER_MS, slowLookWaiting: 20 };
    const { store, session } = await place.withSession({ timings, watch: usedUp });
    const hints = await watching(store, session, () => waits);
    await store.append(session, noteDraft(1));
    expect(await hints.sees(session, 200)).toBe(false);
    waits = true;
    expect(await hints.sees(session)).toBe(true);
  });

  it('go on by the slow look when a watch fails later', async () => {
    const place = new StorePlace();
    const watchers: EventEmitter[] = [];
    const failing = (() => {
      const watcher = Object.assign(new EventEmitter(), { close: () => undefined });
      watchers.push(watcher);
      return watcher as unknown as FSWatcher;
    }) as unknown as typeof watch;
    const { store, session } = await place.withSession({ timings: LOOKING, watch: failing });
    const hints = await watching(store, null);
    watchers[0]?.emit('error', new Error('EIO'));
    await store.append(session, noteDraft(1));
    expect(await hints.sees(session)).toBe(true);
    // And it is tried again, since what made it fail may pass.
    expect(watchers.length).toBeGreaterThan(1);
  });

  it('come by the watch alone, long before any slow look', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession({ timings: NOT_LOOKING });
    const one = await watching(store, session);
    const all = await watching(place.store({ timings: NOT_LOOKING }), null);
    for (const number of [1, 2, 3]) {
      await store.append(session, noteDraft(number));
      expect(await one.sees(session)).toBe(true);
      expect(await all.sees(session)).toBe(true);
    }
  });

  it('follow a file that was replaced at once, without any slow look', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession({ timings: NOT_LOOKING });
    const hints = await watching(store, session);
    const line = readFileSync(path);
    for (const round of [1, 2]) {
      writeFileSync(`${path}.new`, line);
      renameSync(`${path}.new`, path);
      expect(await hints.sees(session), `replaced ${round}`).toBe(true);
      await hints.drain();
      appendFileSync(path, `{"round":${round}}\n`);
      expect(await hints.sees(session), `written ${round}`).toBe(true);
    }
  });

  it('follow a directory that was removed and made again', async () => {
    const place = new StorePlace();
    const { store } = await place.withSession({ timings: { ...LOOKING, slowLook: 30 } });
    const hints = await watching(store, null);
    for (const round of [1, 2]) {
      rmSync(place.directory, { recursive: true });
      if (round === 2) mkdirSync(place.directory);
      const session = newSession();
      await store.open(session, metadataDraft(session));
      expect(await hints.sees(session), `opened ${round}`).toBe(true);
      await store.append(session, noteDraft(round));
      expect(await hints.sees(session), `written ${round}`).toBe(true);
    }
  });

  it('wait for a directory that is not there yet', async () => {
    const place = new StorePlace();
    const store = place.store({ timings: LOOKING });
    const hints = await watching(store, null);
    const session = newSession();
    await store.open(session, metadataDraft(session));
    expect(await hints.sees(session)).toBe(true);
  });

  it('say nothing while nothing happens, neither for locks nor for files of others', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession({ timings: LOOKING });
    const one = await watching(store, session);
    const all = await watching(store, null);
    await one.drain();
    await all.drain();
    mkdirSync(place.lock(session), { recursive: true });
    writeFileSync(`${place.directory}/notes.txt`, 'x');
    expect(await Promise.all([one.sees(session, 300), all.sees(session, 300)])).toEqual([false, false]);
  });
});

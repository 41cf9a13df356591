import { expect, it } from 'vitest';
import { metadataDraft, newSession, noteDraft } from '../../test/support/records.ts';
import type { Cursor, ReadResult } from './contract.ts';
import { MemoryStore } from './memory-store.ts';
import { type News, SessionView } from './session-view.ts';

const writer = { role: 'mcp', pid: 1 } as const;

/** A memory store whose reads a test can slow down, fail and count. */
class WatchedStore extends MemoryStore {
  readsAtOnce = 0;
  readsAtOnceMax = 0;
  reads = 0;
  failAt: number | null = null;
  limit = Number.POSITIVE_INFINITY;

  override async read(session: Parameters<MemoryStore['read']>[0], after: Cursor | null): Promise<ReadResult | null> {
    this.reads += 1;
    if (this.reads === this.failAt) throw new Error('disk gone');
    this.readsAtOnce += 1;
    this.readsAtOnceMax = Math.max(this.readsAtOnceMax, this.readsAtOnce);
    const read = await super.read(session, after, this.limit);
    await new Promise(setImmediate);
    this.readsAtOnce -= 1;
    return read;
  }
}

async function viewed(): Promise<{ store: WatchedStore; view: SessionView; told: News[] }> {
  const store = new WatchedStore({ writer });
  const session = newSession();
  await store.open(session, metadataDraft(session));
  const told: News[] = [];
  return { store, view: new SessionView(store, session, (news) => told.push(news)), told };
}

it('sees with every refresh what was written before it, even while another reads', async () => {
  const { store, view } = await viewed();
  const first = view.refresh();
  await store.append(view.id, noteDraft(1));
  const second = await view.refresh();
  expect((await first).records).toHaveLength(1);
  expect(second.records).toHaveLength(1);
  expect(view.state.records).toBe(2);
});

it('reads once at a time and tells every record once, whenever it is asked', async () => {
  const { store, view, told } = await viewed();
  const refreshes: Promise<News>[] = [];
  for (let i = 0; i < 5; i += 1) {
    await store.append(view.id, noteDraft(i));
    refreshes.push(view.refresh(), view.refresh());
    // A refresh in every moment between the end of one read and the beginning of the next.
    await refreshes[0];
    for (let tick = 0; tick < 20; tick += 1) {
      refreshes.push(view.refresh());
      await null;
    }
  }
  await Promise.all(refreshes);
  expect(store.readsAtOnceMax).toBe(1);
  const ids = told.flatMap((news) => news.records.map((record) => record.event_id));
  expect(ids).toHaveLength(6);
  expect(new Set(ids).size).toBe(6);
});

it('tells what it had read when a later read fails, and goes on from there', async () => {
  const { store, view, told } = await viewed();
  for (let i = 0; i < 3; i += 1) await store.append(view.id, noteDraft(i));
  store.limit = 2;
  store.failAt = 2;
  await expect(view.refresh()).rejects.toThrow('disk gone');
  expect(told.map((news) => news.records.length)).toEqual([2]);
  await view.refresh();
  expect(told.map((news) => news.records.length)).toEqual([2, 2]);
  expect(view.state.records).toBe(4);
});

it('keeps the last state of a session that is gone', async () => {
  const { store, view } = await viewed();
  await view.refresh();
  await store.archive(view.id, async () => true);
  expect(await view.refresh()).toMatchObject({ gone: true, records: [] });
  expect(view.state.metadata?.session_id).toBe(view.id);
});

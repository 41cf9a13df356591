import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import type { Cursor, ReadResult, SessionStore } from '../../src/store/contract.ts';
import { metadataDraft, newSession, noteDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';

describe('a long session', () => {
  it('costs what changed: a change to 100,000 records is as cheap as to ten', async () => {
    const place = new StorePlace();
    const store = place.store();
    const changes: ((i: number) => Promise<void>)[] = [];
    for (const records of [10, 100_000]) {
      const session = newSession();
      await store.open(session, metadataDraft(session));
      const line = (i: number) =>
        `{"v":1,"event_id":"e${i}","type":"heartbeat","timestamp":"2026-11-20T10:00:00.000Z","writer":"mcp:1"}\n`;
      appendFileSync(place.log(session), Array.from({ length: records }, (_, i) => line(i)).join(''));
      await store.append(session, noteDraft('first'));
      let cursor: Cursor | null = null;
      for (let more = true; more; ) ({ cursor, more } = await readOn(store, session, cursor));
      changes.push(async (i) => {
        await store.append(session, { ...noteDraft(i), body: { type: 'heartbeat' } });
        ({ cursor } = await readOn(store, session, cursor));
      });
    }
    const [short, long] = await mediansMs(200, changes);
    expect(long! / short!).toBeLessThan(3);
  });
});

async function readOn(store: SessionStore, session: SessionId, cursor: Cursor | null): Promise<ReadResult> {
  const read = await store.read(session, cursor, 10_000);
  if (!read) throw new Error('The session is gone.');
  return read;
}

/** By turns, so that what else the machine does slows all of them down. */
async function mediansMs(times: number, jobs: readonly ((i: number) => Promise<void>)[]): Promise<number[]> {
  const spans = jobs.map((): number[] => []);
  for (let i = 0; i < times; i += 1) {
    for (const [n, job] of jobs.entries()) {
      const began = performance.now();
      await job(i);
      spans[n]?.push(performance.now() - began);
    }
  }
  return spans.map((each) => each.sort((a, b) => a - b)[Math.floor(times / 2)]!);
}

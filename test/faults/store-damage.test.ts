import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import type { SessionRecord } from '../../src/domain/records.ts';
import { emptySessionState, fold } from '../../src/domain/session-state.ts';
import type { Cursor, ReadResult, SessionStore, UnreadableLine } from '../../src/store/contract.ts';
import { givenAnswer, newQuestion, noteDraft, questionDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';

/** One piece of damage: at a place of the file (a share of its length), some bytes lost, others in their stead. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  lost: fc.oneof(fc.constant(0), fc.nat({ max: 40 }), fc.nat({ max: 2_000 })),
  instead: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom('\n', '\n\n\n', '{', '"', '{"v":1}\n', '\r\n').map((text) => Uint8Array.from(Buffer.from(text))),
  ),
});

function apply(bytes: Buffer, { at, lost, instead }: { at: number; lost: number; instead: Uint8Array }): Buffer {
  const from = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, from), instead, bytes.subarray(from + lost)]);
}

async function readAll(
  store: SessionStore,
  session: SessionId,
  limit: number,
): Promise<{ records: SessionRecord[]; unreadable: UnreadableLine[] }> {
  const records: SessionRecord[] = [];
  const unreadable: UnreadableLine[] = [];
  let cursor: Cursor | null = null;
  for (let more = true; more; ) {
    const read: ReadResult = (await store.read(session, cursor, limit))!;
    expect(read.records.length + read.unreadable.length).toBeLessThanOrEqual(limit);
    records.push(...read.records);
    unreadable.push(...read.unreadable);
    ({ cursor, more } = read);
  }
  return { records, unreadable };
}

/** A session with a bit of everything, and the bytes of its file. */
async function sample(): Promise<{ store: SessionStore; session: SessionId; path: string; whole: Buffer }> {
  const { store, session, path } = await new StorePlace().withSession();
  for (let i = 0; i < 5; i += 1) {
    const question = newQuestion();
    await store.append(session, questionDraft(question, `Größe ${i} 👋🏽?\n`));
    await store.append(session, givenAnswer(question, 'yes'));
  }
  return { store, session, path, whole: readFileSync(path) };
}

it('reads every line that is whole, counts every other, and never throws, whatever happened to the file', async () => {
  const { store, session, path, whole } = await sample();
  const intact = new Set(whole.toString().split('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 6 }), fc.integer({ min: 1, max: 7 }), async (damages, limit) => {
      const bytes = damages.reduce(apply, whole);
      writeFileSync(path, bytes);
      const { records, unreadable } = await readAll(store, session, 1_000);
      const lines = bytes.toString().split('\n').slice(0, -1);
      const kept = lines.filter((line) => line !== '' && intact.has(line));
      const ids = new Set(records.map((record) => record.event_id));
      for (const line of kept) expect(ids).toContain(JSON.parse(line).event_id);
      expect(records.length + unreadable.length).toBe(lines.filter((line) => line.trim() !== '').length);
      for (const { position, bytes: length } of unreadable) {
        expect(position === 0 || bytes[position - 1] === 0x0a).toBe(true);
        expect(bytes.indexOf(0x0a, position)).toBe(position + length - 1);
      }
      // In small pieces it is the same log.
      expect(await readAll(store, session, limit)).toEqual({ records, unreadable });
    }),
    { numRuns: 150 },
  );
});

it('takes the next record whole, whatever happened to the file, and every reader sees the slot that its writer was told', async () => {
  const { store, session, path, whole } = await sample();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 4 }), async (damages) => {
      writeFileSync(path, damages.reduce(apply, whole));
      number += 1;
      const note = noteDraft(`after damage ${number}`);
      const question = newQuestion();
      const answer = givenAnswer(question, 'no');
      expect(await store.append(session, note)).toMatchObject({ status: 'stored' });
      expect(await store.append(session, answer)).toMatchObject({ status: 'stored' });
      const { records } = await readAll(store, session, 1_000);
      const { ledger } = records.reduce(fold, emptySessionState());
      expect(ledger.eventIds).toContain(note.id);
      expect(ledger.slots.get(`outcome:${question}`)?.event_id).toBe(answer.id);
    }),
    { numRuns: 100 },
  );
});

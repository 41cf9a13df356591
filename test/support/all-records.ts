import type { SessionId } from '../../src/domain/ids.ts';
import type { SessionRecord } from '../../src/domain/records.ts';
import type { Cursor, ReadResult, SessionStore } from '../../src/store/contract.ts';

/** All records of a live session. */
export async function allRecords(store: SessionStore, session: SessionId): Promise<SessionRecord[]> {
  const records: SessionRecord[] = [];
  let cursor: Cursor | null = null;
  for (let more = true; more; ) {
    const read: ReadResult | null = await store.read(session, cursor, 1_000);
    if (!read) throw new Error(`No live session ${session}.`);
    records.push(...read.records);
    ({ cursor, more } = read);
  }
  return records;
}

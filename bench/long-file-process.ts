import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '../src/domain/ids.ts';
import { TIMINGS } from '../src/runtime/timings.ts';
import { JsonlStore } from '../src/store/jsonl/jsonl-store.ts';
import { recordLine } from '../src/store/record-line.ts';
import { SessionView } from '../src/store/session-view.ts';
import { metadataDraft, newSession, noteDraft } from '../test/support/records.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { now } from './support/clock.ts';
import { serve } from './support/remote.ts';

// A short and a long session file under the store of a process of its own: the memory of 100,000 records belongs to
// nobody else's measurement.

const SHORT_RECORDS = 100;
const WRITER = { role: 'mcp', pid: process.pid } as const;

const handlers = {
  /** Appends to both files in turn and takes the change in; returns what each change cost, in milliseconds. */
  async change({ directory, records, changes }: { directory: string; records: number; changes: number }): Promise<{
    firstRead: number;
    firstAppend: number;
    short: number[];
    long: number[];
  }> {
    mkdirSync(directory, { recursive: true });
    const store = new JsonlStore({ directory, writer: WRITER, timings: TIMINGS, log: silentLog });
    const [short, long] = [SHORT_RECORDS, records].map((count) => new SessionView(store, writeLog(directory, count)));
    if (!short || !long) throw new Error('Two files are compared.');
    const firstRead = await timed(async () => void (await long.refresh()));
    const firstAppend = await timed(() => append(store, long));
    const samples = { short: [] as number[], long: [] as number[] };
    for (let index = 0; index < changes; index += 1) {
      samples.short.push(await timed(() => append(store, short)));
      samples.long.push(await timed(() => append(store, long)));
    }
    await store.close();
    return { firstRead, firstAppend, ...samples };
  },
};

export type LongFileHandlers = typeof handlers;

serve(handlers);

async function timed(job: () => Promise<void>): Promise<number> {
  const began = now();
  await job();
  return now() - began;
}

async function append(store: JsonlStore, view: SessionView): Promise<void> {
  const before = view.state.records;
  await store.append(view.id, noteDraft(randomUUID()));
  await view.refresh();
  if (view.state.records <= before) throw new Error('The change was not read.');
}

function writeLog(directory: string, records: number): SessionId {
  const session = newSession();
  const drafts = [metadataDraft(session), ...Array.from({ length: records - 1 }, (_, index) => noteDraft(index))];
  const lines = drafts.map((draft) => recordLine(draft, WRITER, Date.now()).text);
  writeFileSync(join(directory, `${session}.jsonl`), lines.join(''), { mode: 0o600 });
  return session;
}

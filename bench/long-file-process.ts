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

// Session files under stores of a process of its own: the memory of 100,000 records belongs to nobody else's
// measurement.

const WRITER = { role: 'mcp', pid: process.pid } as const;

const files: { store: JsonlStore; view: SessionView }[] = [];

const handlers = {
  /** Writes a file of so many records and reads it; returns its number and the milliseconds that reading took. */
  async open({ directory, records }: { directory: string; records: number }): Promise<{
    file: number;
    firstRead: number;
  }> {
    mkdirSync(directory, { recursive: true });
    const store = new JsonlStore({ directory, writer: WRITER, timings: TIMINGS, log: silentLog });
    const view = new SessionView(store, writeLog(directory, records));
    files.push({ store, view });
    return { file: files.length - 1, firstRead: await timed(async () => void (await view.refresh())) };
  },

  /** Appends to a file and takes each change in; returns what each cost, in milliseconds. */
  async append({ file, changes }: { file: number; changes: number }): Promise<number[]> {
    const samples: number[] = [];
    for (let index = 0; index < changes; index += 1) samples.push(await timed(() => append(file)));
    return samples;
  },
};

export type LongFileHandlers = typeof handlers;

serve(handlers);

async function timed(job: () => Promise<void>): Promise<number> {
  const began = now();
  await job();
  return now() - began;
}

async function append(file: number): Promise<void> {
  const { store, view } = files[file] ?? {};
  if (!store || !view) throw new Error(`There is no file ${file}.`);
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

import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Draft } from '../../src/domain/records.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { recordLine } from '../../src/store/record-line.ts';
import { metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../../test/support/records.ts';

const DAYS = 50;

/** Files of sessions that were, over many days of the archive. */
export function writeArchive(sessionsDirectory: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const day = new Date(Date.UTC(2026, 0, 1 + (index % DAYS))).toISOString().slice(0, 'YYYY-MM-DD'.length);
    const directory = join(sessionsDirectory, 'archive', day);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeSession(directory, true);
  }
}

/** One session of this process, which lives; with one open question, or with none. */
export function writeSession(directory: string, asks: boolean): void {
  const session = newSession();
  const metadata = metadataDraft(session);
  const drafts: Draft[] = [
    { ...metadata, body: { ...metadata.body, ...processIdentity(), start_time: new Date().toISOString() } },
    noteDraft(randomUUID()),
    asks ? questionDraft(newQuestion(), `What shall session ${session} do next?`) : noteDraft(randomUUID()),
  ];
  const writer = { role: 'mcp', pid: process.pid } as const;
  const lines = drafts.map((draft) => recordLine(draft, writer, Date.now()).text);
  writeFileSync(join(directory, `${session}.jsonl`), lines.join(''), { mode: 0o600 });
}

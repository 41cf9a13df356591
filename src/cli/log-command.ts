import type { SessionRecord } from '../domain/records.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import type { Cursor } from '../store/contract.ts';
import { readLog } from '../store/jsonl/read-log.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { findSessionLogs } from './find-session.ts';
import { print, printableLine } from './terminal.ts';
import { timeline } from './timeline.ts';

const RECORDS_PER_READ = 2_000;

/** Prints what happened in a session: a live or archived one by its id or the beginning of it, a live one by its name. */
export async function printSessionLog(config: Config, log: Logger, name: string): Promise<ExitCode> {
  const logs = await findSessionLogs(config, log, name);
  if (logs === null) return EXIT.failed;
  for (const { path } of logs) printFile(path);
  return EXIT.ok;
}

function printFile(file: string): void {
  print(printableLine(file));
  let unreadable = 0;
  for (const line of timeline(recordsOf(file, (lines) => (unreadable += lines)))) print(line);
  if (unreadable > 0) print(`  ${unreadable} lines could not be read and were passed over.`);
}

function* recordsOf(file: string, onUnreadable: (lines: number) => void): Generator<SessionRecord, void, void> {
  let cursor: Cursor | null = null;
  for (let more = true; more; ) {
    const read = readLog(file, cursor, RECORDS_PER_READ);
    if (!read) return;
    onUnreadable(read.unreadable.length);
    yield* read.records;
    ({ cursor, more } = read);
  }
}

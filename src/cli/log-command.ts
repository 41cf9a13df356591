import type { SessionRecord } from '../domain/records.ts';
import type { Config } from '../runtime/config.ts';
import { registeredDirectories } from '../runtime/projects.ts';
import type { Cursor } from '../store/contract.ts';
import { findLogs } from '../store/jsonl/find-logs.ts';
import { readLog } from '../store/jsonl/read-log.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { parseIdPrefix } from './id-prefix.ts';
import { print, printableLine, printError } from './terminal.ts';
import { timeline } from './timeline.ts';

const RECORDS_PER_READ = 2_000;

/** Prints what happened in a session, live or archived, named by its id or the beginning of it. */
export async function printSessionLog({ home }: Pick<Config, 'home'>, id: string): Promise<ExitCode> {
  const wanted = parseIdPrefix('session', id);
  if (wanted === null) return EXIT.usage;
  const logs = await findLogs(registeredDirectories(home), wanted);
  const ids = new Set(logs.map(({ session }) => session));
  if (ids.size === 0) {
    printError(`No session ${wanted} is there, live or archived. \`switchboard status\` lists the live ones.`);
    return EXIT.failed;
  }
  if (ids.size > 1) {
    printError(
      `${ids.size} sessions begin with ${wanted}; give more of the id:`,
      ...[...ids].map((each) => `  ${each}`),
    );
    return EXIT.failed;
  }
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

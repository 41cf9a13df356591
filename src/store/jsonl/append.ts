import { closeSync, fdatasyncSync, writeSync } from 'node:fs';
import type { KnownRecord } from '../../domain/records.ts';
import type { AppendResult } from '../contract.ts';
import { StoreError } from '../errors.ts';
import type { RecordLine } from '../record-line.ts';
import { diskFullError, storeError } from './fs-errors.ts';
import type { LogIndex } from './log-index.ts';
import { lookAgain, type OpenLog, openLog, stillNamed } from './open-log.ts';

// Nobody misses these: the next heartbeat comes, a card is shown or settled once more.
const LOSABLE: ReadonlySet<KnownRecord['type']> = new Set(['heartbeat', 'question_shown', 'question_settled']);

// A write is repeated only when somebody tore, cut or replaced the file in the very moment; five in a row is no accident.
const WRITES_MAX = 5;

/**
 * Appends one line to the log at `path` and says what became of it. One synchronous function, safe with any number of
 * processes and without any lock, since every writer reads back what the log says before it believes anything.
 *
 * @throws StoreError when nothing can be confirmed.
 */
export function appendLine(path: string, line: RecordLine, index: LogIndex): AppendResult {
  try {
    for (let write = 0; write < WRITES_MAX; write += 1) {
      const log = openLog(path, 'append');
      if (!log) return { status: 'closed' };
      try {
        const result = appendTo(log, path, line, index);
        if (result) return result;
      } finally {
        closeSync(log.fd);
      }
    }
  } catch (error) {
    throw storeError(error, path);
  }
  throw new StoreError(
    'IO',
    `${path} changes under every write; nothing was confirmed. Does another program rewrite it? Stop that and try again.`,
  );
}

/** Null: the log was replaced, or swallowed the line, and it is to be tried again. */
function appendTo(log: OpenLog, path: string, line: RecordLine, index: LogIndex): AppendResult | null {
  index.catchUp(log);
  const known = index.verdictOn(line.record, true);
  if (known) {
    // Whoever wrote it may not have synced it yet, and what is told must outlast a power cut.
    fdatasyncSync(log.fd);
    return stillNamed(path, log) ? known : null;
  }
  // A tail without a newline would swallow this line: end it, in the same write.
  const bytes = Buffer.from(index.endsTorn(log) ? `\n${line.text}` : line.text);
  // A full disk writes a part and raises no error.
  if (writeSync(log.fd, bytes) < bytes.length) throw diskFullError(path);
  if (!LOSABLE.has(line.record.type)) fdatasyncSync(log.fd);
  if (!stillNamed(path, log)) return null;
  index.catchUp(lookAgain(log));
  return index.verdictOn(line.record, false);
}

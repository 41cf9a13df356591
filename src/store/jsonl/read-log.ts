import { closeSync } from 'node:fs';
import type { SessionRecord } from '../../domain/records.ts';
import type { Cursor, ReadResult, UnreadableLine } from '../contract.ts';
import { storeError } from './fs-errors.ts';
import { linesFrom, recordIn } from './lines.ts';
import { isLineStart, type OpenLog, openLog } from './open-log.ts';

// Bounds the memory of one read, however long its records are.
const READ_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Reads at most `limit` lines after a cursor, from the start when the cursor is of another log. Null without a log.
 *
 * @throws StoreError when the system refuses; never for what the lines contain.
 */
export function readLog(path: string, after: Cursor | null, limit: number): ReadResult | null {
  try {
    const log = openLog(path, 'read');
    if (!log) return null;
    try {
      return readFrom(log, after, Math.max(1, limit));
    } finally {
      closeSync(log.fd);
    }
  } catch (error) {
    throw storeError(error, path);
  }
}

function readFrom(log: OpenLog, after: Cursor | null, limit: number): ReadResult {
  const place = after === null ? 0 : offsetIn(log, after);
  const from = place ?? 0;
  const records: SessionRecord[] = [];
  const unreadable: UnreadableLine[] = [];
  let offset = from;
  let more = false;
  for (const line of linesFrom(log, from)) {
    more = records.length + unreadable.length >= limit || line.position - from >= READ_BYTES_MAX;
    if (more) break;
    const record = recordIn(line);
    if (typeof record === 'object') records.push(record);
    else if (record === 'unreadable') unreadable.push({ position: line.position, bytes: line.bytes });
    offset = line.position + line.bytes;
  }
  return { records, unreadable, cursor: `${log.identity}:${offset}` as Cursor, more, restarted: place === null };
}

/** Where a cursor points in this log, or null when it came from another one or the log was cut short. */
function offsetIn(log: OpenLog, cursor: Cursor): number | null {
  const [identity, text] = cursor.split(':');
  const offset = Number(text);
  if (identity !== log.identity || !Number.isSafeInteger(offset) || offset < 0) return null;
  return isLineStart(log, offset) ? offset : null;
}

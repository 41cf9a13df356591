import { readSync } from 'node:fs';
import { parseRecord, type SessionRecord } from '../../domain/records.ts';
import type { OpenLog } from './open-log.ts';

/** A complete line: where it begins, its bytes with the newline, its text (null: too long to be a record). */
export interface Line {
  readonly position: number;
  readonly bytes: number;
  readonly text: string | null;
}

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;
// Sixteen times what any writer writes. What is longer is damage, and must not fill the memory.
export const LINE_BYTES_MAX = 1024 * 1024;

/** The complete lines of a log from `position` to its size. What stands after the last newline is not yet a line. */
export function* linesFrom(log: OpenLog, position: number): Generator<Line, void, void> {
  let start = position;
  let carried: Buffer[] = [];
  let at = position;
  // One for all reads: nothing is collected meanwhile, so that one for each would add up to the whole log.
  const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK_BYTES, log.size - position)));
  while (at < log.size) {
    const bytesRead = readSync(log.fd, chunk, 0, Math.min(chunk.length, log.size - at), at);
    if (bytesRead === 0) return;
    const piece = chunk.subarray(0, bytesRead);
    let from = 0;
    for (let newline = piece.indexOf(NEWLINE); newline !== -1; newline = piece.indexOf(NEWLINE, from)) {
      const bytes = at + newline + 1 - start;
      carried.push(piece.subarray(from, newline));
      yield { position: start, bytes, text: bytes > LINE_BYTES_MAX ? null : textOf(carried) };
      carried = [];
      from = newline + 1;
      start = at + from;
    }
    at += bytesRead;
    if (at - start > LINE_BYTES_MAX) carried = [];
    else carried.push(Buffer.from(piece.subarray(from)));
  }
}

/** What a line is: a record, nothing at all (a healed tail leaves empty lines), or unreadable. */
export function recordIn(line: Line): SessionRecord | 'blank' | 'unreadable' {
  if (line.text === null) return 'unreadable';
  if (line.text.trim() === '') return 'blank';
  return parseRecord(line.text) ?? 'unreadable';
}

function textOf(pieces: readonly Buffer[]): string {
  return (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString('utf8');
}

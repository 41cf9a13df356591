import { readSync } from 'node:fs';
import { LINE_BYTES_MAX, type Line } from './lines.ts';
import type { OpenLog } from './open-log.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;

/** The complete lines of a log that begin before `position`, the last one first. */
export function* linesBefore(log: OpenLog, position: number): Generator<Line, void, void> {
  // What stands after the last newline is not yet a line.
  let end = lineStartAt(log, Math.min(position, log.size));
  let carried: Buffer[] = [];
  for (let at = end; at > 0; ) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const chunk = readChunk(log, from, at);
    let upper = chunk.length;
    // The newline at the very end of a line is its own.
    for (let newline = lastNewline(chunk, upper - (from + upper === end ? 2 : 1)); newline !== -1; ) {
      const start = from + newline + 1;
      yield lineOf(start, end, [chunk.subarray(newline + 1, upper), ...carried]);
      carried = [];
      end = start;
      upper = newline + 1;
      newline = lastNewline(chunk, upper - 2);
    }
    if (end - from > LINE_BYTES_MAX) carried = [];
    else carried.unshift(chunk.subarray(0, upper));
    at = from;
  }
  if (end > 0) yield lineOf(0, end, carried);
}

/** Where the last line begins that is complete before `position`, plus its length: the place after the last newline. */
function lineStartAt(log: OpenLog, position: number): number {
  for (let at = position; at > 0; ) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const newline = readChunk(log, from, at).lastIndexOf(NEWLINE);
    if (newline !== -1) return from + newline + 1;
    at = from;
  }
  return 0;
}

function lineOf(position: number, end: number, pieces: readonly Buffer[]): Line {
  const bytes = end - position;
  const text = bytes > LINE_BYTES_MAX ? null : Buffer.concat(pieces).toString('utf8', 0, bytes - 1);
  return { position, bytes, text };
}

/** -1 also for a negative `from`, which `lastIndexOf` would count from the end. */
function lastNewline(chunk: Buffer, from: number): number {
  return from < 0 ? -1 : chunk.lastIndexOf(NEWLINE, from);
}

function readChunk({ fd }: OpenLog, from: number, to: number): Buffer {
  const chunk = Buffer.allocUnsafe(to - from);
  let bytes = 0;
  while (bytes < chunk.length) {
    const bytesRead = readSync(fd, chunk, bytes, chunk.length - bytes, from + bytes);
    if (bytesRead === 0) return chunk.subarray(0, bytes); // Cut short by somebody this moment.
    bytes += bytesRead;
  }
  return chunk;
}

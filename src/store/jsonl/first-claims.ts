import { readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseRecord } from '../../domain/records.ts';
import { LINE_BYTES_MAX } from './lines.ts';
import type { OpenLog } from './open-log.ts';

/** A record of a log by what may be claimed once. */
interface Claim {
  readonly position: number;
  readonly event_id: string;
  readonly slot?: string | undefined;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
// Quotes within a text are escaped, so this matches keys only.
const CLAIM = /"(event_id|slot)":"([^"\\]{1,300})"/g;

/**
 * Where the ids and slots of some records stand first in their log: by `event_id <id>` and `slot <slot>`. Looks at the
 * log up to the last of them without parsing it, in pieces, and keeps nothing else.
 */
export async function firstClaims(
  log: OpenLog,
  claims: readonly Claim[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const wanted = new Set<string>();
  for (const { event_id, slot } of claims) {
    wanted.add(`event_id ${event_id}`);
    if (slot !== undefined) wanted.add(`slot ${slot}`);
  }
  const first = new Map<string, number>();
  const end = Math.max(0, ...claims.map(({ position }) => position));
  let rest = Buffer.alloc(0);
  for (let at = 0; at < end; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
    const bytesRead = readSync(log.fd, chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const complete = bytes.lastIndexOf(NEWLINE) + 1;
    note(first, wanted, bytes.subarray(0, complete), at - bytes.length);
    rest = bytes.subarray(complete);
    // What is so long is no record, and must not fill the memory.
    if (rest.length > LINE_BYTES_MAX) rest = Buffer.alloc(0);
    await nextTurn();
    signal.throwIfAborted();
  }
  return first;
}

function note(first: Map<string, number>, wanted: ReadonlySet<string>, lines: Buffer, position: number): void {
  // One character a byte, so that what is found tells where it stands; ids and slots are plain.
  const text = lines.toString('latin1');
  for (const match of text.matchAll(CLAIM)) {
    const key = `${match[1]} ${match[2]}`;
    if (!wanted.has(key) || first.has(key)) continue;
    const start = text.lastIndexOf('\n', match.index) + 1;
    const line = lines.toString('utf8', start, text.indexOf('\n', match.index));
    // A torn line claims nothing: its writer wrote it again.
    if (parseRecord(line)) first.set(key, position + start);
  }
}

import { closeSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isForeign, type KnownRecord, parseRecord, type SessionMetadata } from '../../domain/records.ts';
import { LINE_BYTES_MAX } from './lines.ts';
import { identityAt, isLineStart, type OpenLog, openLog } from './open-log.ts';

/** Who a session is, as its log says without being folded. */
export interface LogFacts {
  /** Null: nothing in it can be read as such. */
  readonly metadata: SessionMetadata | null;
  readonly label?: string | undefined;
  readonly branch?: string | undefined;
  /** When the session said that it ends; ISO 8601. */
  readonly endedAt?: string | undefined;
  /** When its last record was written; ISO 8601. */
  readonly lastAt?: string | undefined;
  readonly bytes: number;
}

interface Known {
  readonly identity: string;
  readonly offset: number;
  readonly facts: LogFacts;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
// The envelope comes first in a line, so a record shows its type in its beginning; what only looks so is parsed as well.
const TELLING = ['"session_metadata"', '"session_updated"', '"session_end"'].map((text) => Buffer.from(text));
// About 20 MB.
const KNOWN_MAX = 20_000;

/** Reads who sessions are from their logs, each byte once: a log that has grown is read on, an archived one never again. */
export class LogFactsReader {
  readonly #known = new Map<string, Known>();

  /** Null: there is no log at `path`. A long one is read in pieces, so that it holds nobody up. */
  async read(path: string): Promise<LogFacts | null> {
    const now = identityAt(path);
    const known = this.#known.get(path);
    if (!now) {
      this.#known.delete(path);
      return null;
    }
    if (known?.identity === now.identity && known.facts.bytes === now.size) return known.facts;
    const log = openLog(path, 'read');
    if (!log) return null;
    try {
      const read = await readOn(log, known ?? null);
      this.#known.delete(path);
      this.#known.set(path, read);
      const [oldest] = this.#known.keys();
      if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
      return read.facts;
    } finally {
      closeSync(log.fd);
    }
  }
}

async function readOn(log: OpenLog, known: Known | null): Promise<Known> {
  const goesOn = known?.identity === log.identity && isLineStart(log, known.offset);
  let facts: LogFacts = goesOn ? known.facts : { metadata: null, bytes: 0 };
  let offset = goesOn ? known.offset : 0;
  let rest = Buffer.alloc(0);
  for (let at = offset; at < log.size; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, log.size - at));
    const bytesRead = readSync(log.fd, chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const complete = bytes.lastIndexOf(NEWLINE) + 1;
    facts = takeIn(facts, bytes.subarray(0, complete));
    rest = bytes.subarray(complete);
    offset = at - rest.length;
    // What is so long is no record, and must not fill the memory.
    if (rest.length > LINE_BYTES_MAX) rest = Buffer.alloc(0);
    if (at < log.size) await nextTurn();
  }
  return { identity: log.identity, offset, facts: { ...facts, bytes: log.size } };
}

/** Takes in complete lines. */
function takeIn(before: LogFacts, lines: Buffer): LogFacts {
  if (lines.length === 0) return before;
  let facts = before;
  for (const needle of TELLING) {
    for (let at = lines.indexOf(needle); at !== -1; at = lines.indexOf(needle, at)) {
      const start = lines.lastIndexOf(NEWLINE, at) + 1;
      const end = lines.indexOf(NEWLINE, at);
      const record = parseRecord(lines.toString('utf8', start, end));
      if (record && !isForeign(record)) facts = add(facts, record);
      at = end;
    }
  }
  const lastLine = lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
  const lastAt = /"timestamp":"([^"\\]{1,40})"/.exec(lines.toString('latin1', lastLine, lastLine + 1_000))?.[1];
  return lastAt && !Number.isNaN(Date.parse(lastAt)) ? { ...facts, lastAt } : facts;
}

function add(facts: LogFacts, record: KnownRecord): LogFacts {
  switch (record.type) {
    case 'session_metadata':
      return facts.metadata ? facts : { label: record.label, branch: record.git_branch, ...facts, metadata: record };
    case 'session_updated':
      return { ...facts, label: record.label ?? facts.label, branch: record.git_branch ?? facts.branch };
    case 'system':
      return record.event === 'session_end' ? { ...facts, endedAt: facts.endedAt ?? record.timestamp } : facts;
    default:
      return facts;
  }
}

import { RecordTooLargeError } from '../domain/errors.ts';
import { type Draft, type KnownRecord, parseRecord, RECORD_BYTES_MAX, RECORD_VERSION } from '../domain/records.ts';
import type { WriterIdentity } from './contract.ts';

/** A record as it goes into a log: one line of JSON with its newline, and the same read back from it. */
export interface RecordLine {
  readonly text: string;
  readonly bytes: number;
  readonly record: KnownRecord;
}

/**
 * Makes a draft a record: adds version, time and writer. The envelope comes first in the line, so that a person who
 * looks at a file sees at the left what each line is.
 *
 * @throws RecordTooLargeError when the line would exceed `RECORD_BYTES_MAX`.
 * @throws TypeError when the draft is no record that a reader would accept: a mistake in the program.
 */
export function recordLine(draft: Draft, writer: WriterIdentity, now: number): RecordLine {
  const { type, ...fields } = draft.body;
  const text = `${JSON.stringify({
    v: RECORD_VERSION,
    event_id: draft.id,
    slot: draft.slot,
    type,
    timestamp: new Date(now).toISOString(),
    writer: `${writer.role}:${writer.pid}`,
    ...fields,
  })}\n`;
  const bytes = Buffer.byteLength(text);
  if (bytes > RECORD_BYTES_MAX) throw new RecordTooLargeError(bytes, RECORD_BYTES_MAX);
  const record = parseRecord(text);
  if (!record || 'foreign' in record) throw new TypeError(`This ${type} draft would be a line that no reader accepts.`);
  return { text, bytes, record };
}

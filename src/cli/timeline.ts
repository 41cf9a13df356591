import { shortId } from '../domain/ids.ts';
import { admit, emptyLedger } from '../domain/ledger.ts';
import { recordWords } from '../domain/record-words.ts';
import type { SessionRecord } from '../domain/records.ts';
import { printable, printableLine } from './terminal.ts';

/** The records of a session as lines that a person can read, in file order; what does not count says so. */
export function* timeline(records: Iterable<SessionRecord>): Generator<string, void, void> {
  const ledger = emptyLedger();
  let day = '';
  for (const record of records) {
    const admission = admit(ledger, record);
    if (admission === 'repeat') continue;
    const at = new Date(record.timestamp);
    const on = at.toLocaleDateString('sv'); // YYYY-MM-DD
    if (on !== day) yield on;
    day = on;
    const { what, text, question_id } = recordWords(record);
    const about = question_id ? `${shortId(question_id)}  ` : '';
    const lost = admission === 'slot_lost' ? ' (too late: changed nothing)' : '';
    const indented = printable(about + text).replaceAll('\n', `\n${' '.repeat(24)}`);
    yield `  ${at.toLocaleTimeString('sv')}  ${printableLine(what).padEnd(11)}  ${indented}${lost}`;
  }
}

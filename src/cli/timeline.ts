import { type QuestionId, shortId } from '../domain/ids.ts';
import { admit, emptyLedger } from '../domain/ledger.ts';
import { isForeign, type KnownRecord, type SessionRecord } from '../domain/records.ts';
import { printable } from './terminal.ts';

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
    const [what, text] = isForeign(record) ? [record.type, '(written by a newer version)'] : words(record);
    const lost = admission === 'slot_lost' ? ' (too late: changed nothing)' : '';
    const indented = printable(text).replaceAll('\n', `\n${' '.repeat(24)}`);
    yield `  ${at.toLocaleTimeString('sv')}  ${printable(what).padEnd(11)}  ${indented}${lost}`;
  }
}

/** What happened, in one word of the five verbs where one fits, and the facts. */
function words(record: KnownRecord): [what: string, text: string] {
  switch (record.type) {
    case 'session_metadata':
      return ['started', facts(record.project_dir, record.label, record.git_branch, `pid ${record.pid}`)];
    case 'session_updated':
      return ['renamed', facts(record.label, record.git_branch, record.claude_session_id)];
    case 'heartbeat':
      return ['lives', ''];
    case 'task':
      return ['task', facts(record.title, record.status)];
    case 'question':
      return [record.kind === 'notice' ? 'told' : 'asked', asked(record)];
    case 'question_shown':
      return ['shown', about(record.question_id, `in ${record.channel} ${record.chat}`)];
    case 'question_settled':
      return ['settled', about(record.question_id, `in ${record.channel} ${record.chat}: ${record.stage}`)];
    case 'answer': {
      const { name, channel } = record.answered_by;
      return [
        'answered',
        about(
          record.question_id,
          `${record.answer} (${name}, ${channel}${record.late ? ', late' : ''})${filesOf(record)}`,
        ),
      ];
    }
    case 'answer_delivered':
      return ['delivered', about(record.question_id, 'Claude has the answer')];
    case 'question_closed':
      return ['closed', about(record.question_id, facts(record.reason.replaceAll('_', ' '), record.answer))];
    case 'message':
      return ['said', facts(record.text, `${record.sent_by.name}, ${record.sent_by.channel}`)];
    case 'message_delivered':
      return ['delivered', `Claude has what was said (by ${record.by})`];
    case 'system':
      return ['system', facts(record.event.replaceAll('_', ' '), record.reason, record.detail)];
    case 'error':
      return ['error', facts(record.code, record.message, record.detail)];
    default:
      return record satisfies never;
  }
}

function filesOf({ files = [] }: Extract<KnownRecord, { type: 'answer' }>): string {
  return files.map(({ path }) => `\n- ${path}`).join('');
}

function asked(record: Extract<KnownRecord, { type: 'question' }>): string {
  const options = record.options?.map(({ label }) => `\n- ${label}`).join('') ?? '';
  return about(record.id, `${record.question}${options}`);
}

function about(question: QuestionId, text: string): string {
  return `${shortId(question)}  ${text}`;
}

function facts(...given: readonly (string | undefined)[]): string {
  return given.filter((fact) => fact !== undefined && fact !== '').join(' · ');
}

import type { QuestionId } from './ids.ts';
import { whereWord } from './person-words.ts';
import { isForeign, type KnownRecord, type SessionRecord } from './records.ts';
import { MESSAGE_WAITS } from './session-state.ts';
import { excerpt } from './text.ts';

const WANTED_CHARS_MAX = 600;

/** A record in words that a person can read. */
export interface RecordWords {
  /** What happened, in one of the five verbs where one fits. */
  readonly what: string;
  /** The facts; may have several lines. */
  readonly text: string;
  /** The question that it is about. */
  readonly question_id?: QuestionId | undefined;
}

/** Says what a record tells, for timelines. Text in it may come from anybody: whoever shows it makes it safe. */
export function recordWords(record: SessionRecord): RecordWords {
  if (isForeign(record)) return { what: record.type, text: '(written by a newer version)' };
  if (record.type === 'question') {
    return { what: record.kind === 'notice' ? 'told' : 'asked', text: asked(record), question_id: record.id };
  }
  const [what, text] = words(record);
  return { what, text, ...('question_id' in record ? { question_id: record.question_id } : {}) };
}

function words(record: Exclude<KnownRecord, { type: 'question' }>): [what: string, text: string] {
  switch (record.type) {
    case 'session_metadata':
      return ['started', facts(record.project_dir, record.label, record.git_branch, `pid ${record.pid}`)];
    case 'session_updated':
      return ['renamed', facts(record.label, record.git_branch, record.claude_session_id)];
    case 'heartbeat':
      return ['lives', ''];
    case 'task':
      return ['task', facts(record.title, record.status)];
    case 'question_shown':
      return ['shown', `in ${record.channel} ${record.chat}`];
    case 'question_settled':
      return ['settled', `in ${record.channel} ${record.chat}: ${record.stage}`];
    case 'answer':
      return ['answered', `${record.answer} (${byWhom(record)})${filesOf(record)}`];
    case 'answer_delivered':
      return ['delivered', 'Claude has the answer'];
    case 'question_closed':
      return ['closed', facts(record.reason.replaceAll('_', ' '), record.where, record.answer)];
    case 'message':
      return ['said', facts(record.text, listed(record.sent_by.name, whereWord(record.sent_by)))];
    case 'message_delivered':
      return ['delivered', `Claude has what was said (by ${record.by})`];
    case 'system':
      return ['system', facts(record.event.replaceAll('_', ' '), record.reason, record.detail)];
    case 'error':
      if (record.code === MESSAGE_WAITS) return ['waits', record.message];
      return ['error', facts(record.code, record.message, record.detail)];
    default:
      return record satisfies never;
  }
}

function byWhom({ answered_by: person, late, confirmed }: Extract<KnownRecord, { type: 'answer' }>): string {
  const how = confirmed && (confirmed === 'pin' ? 'confirmed by PIN' : 'confirmed twice');
  return listed(person.name, whereWord(person), late && 'late', how);
}

function listed(...given: readonly (string | false | null | undefined)[]): string {
  return given.filter(Boolean).join(', ');
}

function filesOf({ files = [] }: Extract<KnownRecord, { type: 'answer' }>): string {
  return files.map(({ path }) => `\n- ${path}`).join('');
}

function asked(record: Extract<KnownRecord, { type: 'question' }>): string {
  const options = record.options?.map(({ label }) => `\n- ${label}`).join('') ?? '';
  return `${record.question}${wanted(record)}${options}`;
}

/** Of a permission: what wants to run, and what is dangerous about it. */
function wanted({ permission, context, context_file }: Extract<KnownRecord, { type: 'question' }>): string {
  if (!permission) return '';
  const shown = context ? `\n${excerpt(context, WANTED_CHARS_MAX)}` : context_file && ` · (in ${context_file})`;
  const dangers = (permission.dangers ?? []).map((danger) => `\n! ${danger}`).join('');
  return `\n${permission.tool}${shown ?? ''}${dangers}`;
}

function facts(...given: readonly (string | undefined)[]): string {
  return given.filter((fact) => fact !== undefined && fact !== '').join(' · ');
}

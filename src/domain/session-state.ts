import type { MessageId, QuestionId } from './ids.ts';
import { admit, emptyLedger, type Ledger } from './ledger.ts';
import {
  type AnswerRecord,
  type ErrorRecord,
  isForeign,
  type KnownRecord,
  type MessageRecord,
  type QuestionClosed,
  type QuestionRecord,
  type QuestionShown,
  type SessionMetadata,
  type SessionRecord,
} from './records.ts';
import { outcomeSlot } from './slots.ts';

/** The code of an error that says why a person's word is not with Claude yet; its detail is the message's id. */
export const MESSAGE_WAITS = 'MESSAGE_WAITS';

/** Where a question stands. `closed` covers every end without a winning answer. */
export type QuestionStatus = 'pending' | 'answered' | 'closed';

/** One question as the log tells it. Cards are keyed by `<channel>:<chat>`. */
export interface QuestionState {
  readonly record: QuestionRecord;
  status: QuestionStatus;
  answer?: AnswerRecord;
  closed?: Pick<QuestionClosed, 'reason' | 'answer' | 'where' | 'timestamp'>;
  lateAnswer?: AnswerRecord;
  /** When Claude had the outcome, and the late answer (ISO 8601). */
  deliveredAt?: string;
  lateDeliveredAt?: string;
  readonly shown: Map<string, QuestionShown>;
  readonly settled: Map<string, 'ended' | 'delivered'>;
  /** The last thing that went wrong with its cards. */
  lastError?: ErrorRecord;
}

/** A person's word to the session, as the log tells it. */
export interface MessageState {
  readonly record: MessageRecord;
  /** When Claude had it (ISO 8601), and how. */
  delivered?: { readonly at: string; readonly by: string };
  /** Why Claude does not have it yet, in a plain sentence, as its session said last. */
  waits?: string;
}

/** One task of a session. */
export interface TaskState {
  readonly title: string;
  readonly status: string;
}

/** A session as its log tells it. Folded in place: a log of 100,000 records must not be copied for each of them. */
export interface SessionState {
  readonly ledger: Ledger;
  metadata?: SessionMetadata;
  label?: string;
  gitBranch?: string;
  claudeSessionId?: string;
  readonly questions: Map<QuestionId, QuestionState>;
  /** The questions that wait for an answer, oldest first. A notice waits for none. */
  readonly open: Set<QuestionId>;
  readonly tasks: Map<string, TaskState>;
  readonly messages: Map<MessageId, MessageState>;
  /** What stands before the question it is about, since that was written again into a log that had lost it. */
  readonly early: Map<QuestionId, AboutQuestion[]>;
  /** When its owner last wrote anything, heartbeats included (ISO 8601). */
  ownerWroteAt?: string;
  ended?: { readonly at: string; readonly reason: string };
  records: number;
}

/** A record that says something of a question. */
type AboutQuestion = Extract<
  KnownRecord,
  { type: 'question_shown' | 'question_settled' | 'answer' | 'question_closed' | 'answer_delivered' }
>;

/** The state of a log without records. */
export function emptySessionState(): SessionState {
  return {
    ledger: emptyLedger(),
    questions: new Map(),
    open: new Set(),
    tasks: new Map(),
    messages: new Map(),
    early: new Map(),
    records: 0,
  };
}

/** The key of a card among the cards of one question. */
export function cardKey(channel: string, chat: string): string {
  return `${channel}:${chat}`;
}

/** Takes in the next record of the log, in file order, and returns the same state. */
export function fold(state: SessionState, record: SessionRecord): SessionState {
  const admission = admit(state.ledger, record);
  if (admission === 'repeat') return state;
  state.records += 1;
  if (admission === 'slot_lost') return state;
  if (isForeign(record)) return foldForeign(state, record.slot, record.timestamp);
  if (isOwner(state, record)) state.ownerWroteAt = record.timestamp;
  return apply(state, record);
}

function apply(state: SessionState, record: KnownRecord): SessionState {
  switch (record.type) {
    case 'session_metadata':
      if (state.metadata) return state;
      state.metadata = record;
      return foldDescription(state, record);
    case 'session_updated':
      return foldDescription(state, record);
    case 'task':
      state.tasks.set(record.task_id, { title: record.title, status: record.status });
      return state;
    case 'system':
      if (record.event === 'session_end' && !state.ended) {
        state.ended = { at: record.timestamp, reason: record.reason ?? 'ended' };
      }
      return state;
    case 'heartbeat':
      return state;
    case 'message':
      if (!state.messages.has(record.message_id)) state.messages.set(record.message_id, { record });
      return state;
    case 'message_delivered': {
      const message = state.messages.get(record.message_id);
      if (message) message.delivered ??= { at: record.timestamp, by: record.by };
      return state;
    }
    case 'question':
      return foldQuestion(state, record);
    case 'question_shown':
    case 'question_settled':
    case 'answer':
    case 'question_closed':
    case 'answer_delivered':
      return foldAboutQuestion(state, record);
    case 'error': {
      const question = record.question_id && state.questions.get(record.question_id);
      if (question) question.lastError = record;
      const message = record.code === MESSAGE_WAITS && state.messages.get(record.detail as MessageId);
      if (message) message.waits = record.message;
      return state;
    }
    default:
      return record satisfies never;
  }
}

/** Other sessions of the same directory write too, when they archive this one: that is no sign of its life. */
function isOwner({ metadata }: SessionState, record: KnownRecord): boolean {
  return metadata ? record.writer === `mcp:${metadata.pid}` : record.writer.startsWith('mcp:');
}

function foldDescription(
  state: SessionState,
  record: { label?: string | undefined; git_branch?: string | undefined; claude_session_id?: string | undefined },
): SessionState {
  if (record.label !== undefined) state.label = record.label;
  if (record.git_branch !== undefined) state.gitBranch = record.git_branch;
  if (record.claude_session_id !== undefined) state.claudeSessionId = record.claude_session_id;
  return state;
}

/** The first question with an id is the question. What is said of it may stand before it, in a log that was damaged. */
function foldQuestion(state: SessionState, record: QuestionRecord): SessionState {
  if (state.questions.has(record.id)) return state;
  const question: QuestionState = { record, status: 'pending', shown: new Map(), settled: new Map() };
  state.questions.set(record.id, question);
  if (record.kind !== 'notice') state.open.add(record.id);
  const outcome = state.ledger.slots.get(outcomeSlot(record.id));
  if (outcome && isForeign(outcome)) foldForeign(state, outcome.slot, outcome.timestamp);
  const early = state.early.get(record.id) ?? [];
  state.early.delete(record.id);
  for (const about of early) foldAboutQuestion(state, about);
  return state;
}

function foldAboutQuestion(state: SessionState, record: AboutQuestion): SessionState {
  const question = state.questions.get(record.question_id);
  if (!question) {
    const early = state.early.get(record.question_id);
    if (early) early.push(record);
    else state.early.set(record.question_id, [record]);
    return state;
  }
  switch (record.type) {
    case 'question_shown':
      question.shown.set(cardKey(record.channel, record.chat), record);
      break;
    case 'question_settled':
      question.settled.set(cardKey(record.channel, record.chat), record.stage);
      break;
    case 'answer':
      if (record.late) question.lateAnswer ??= record;
      else if (endsQuestion(question, record)) {
        question.status = 'answered';
        question.answer = record;
      }
      break;
    case 'question_closed':
      if (!endsQuestion(question, record)) break;
      question.status = 'closed';
      question.closed = record;
      break;
    case 'answer_delivered':
      if (record.late) question.lateDeliveredAt ??= record.timestamp;
      else question.deliveredAt ??= record.timestamp;
      break;
    default:
      record satisfies never;
  }
  if (question.status !== 'pending') state.open.delete(question.record.id);
  return state;
}

/**
 * The first outcome wins: a later one stays in the file and changes nothing. One that claims no slot cannot win:
 * writers learn from the slot alone who did.
 */
function endsQuestion(question: QuestionState, record: KnownRecord): boolean {
  return question.status === 'pending' && record.slot === outcomeSlot(question.record.id);
}

/** A newer writer ended the question in a way this program does not know: it is over here too. */
function foldForeign(state: SessionState, slot: string | undefined, timestamp: string): SessionState {
  for (const id of state.open) {
    const question = state.questions.get(id);
    if (!question || slot !== outcomeSlot(id)) continue;
    question.status = 'closed';
    question.closed = { reason: 'answered_elsewhere', timestamp };
    state.open.delete(id);
  }
  return state;
}

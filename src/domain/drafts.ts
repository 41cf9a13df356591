import { type EventId, eventIdFrom, type MessageId, type QuestionId } from './ids.ts';
import type { AnswerFile, AnswerRecord, Draft, Person, QuestionClosed, RecordBody } from './records.ts';
import { deliveredSlot, lateSlot, messageDeliveredSlot, outcomeSlot, settledSlot, shownSlot } from './slots.ts';

type BodyOf<T extends RecordBody['type']> = Extract<RecordBody, { type: T }>;

/** What a person gave, before it is a record. */
export interface GivenAnswer {
  readonly question_id: QuestionId;
  readonly answer: string;
  readonly selected?: readonly string[];
  readonly files?: readonly AnswerFile[];
  readonly answered_by: Person;
  readonly answered_at: string;
  /** Of a dangerous permission: how the person has said yes again. */
  readonly confirmed?: 'twice' | 'pin' | undefined;
}

/** An answer that claims the question's outcome, or, when late, the place of the first late answer. */
export function answerDraft(id: EventId, given: GivenAnswer, late = false): Draft<BodyOf<'answer'>> {
  const { question_id, answer, selected, files, answered_by, answered_at, confirmed } = given;
  return {
    id: late ? eventIdFrom('late', id) : id,
    slot: late ? lateSlot(question_id) : outcomeSlot(question_id),
    body: {
      type: 'answer',
      question_id,
      answer,
      ...(selected ? { selected: [...selected] } : {}),
      ...(files?.length ? { files: [...files] } : {}),
      answered_by,
      answered_at,
      ...(late ? { late } : {}),
      ...(confirmed ? { confirmed } : {}),
    },
  };
}

/** The same answer for a log that lacks it: the same event, so that a repeated update of its channel finds it there. */
export function answerAgainDraft(record: AnswerRecord): Draft<BodyOf<'answer'>> {
  const { question_id, answer, selected, files, answered_by, answered_at, late, confirmed } = record;
  const given = {
    question_id,
    answer,
    answered_by,
    answered_at,
    ...(selected ? { selected } : {}),
    ...(files ? { files } : {}),
    ...(confirmed ? { confirmed } : {}),
  };
  return { ...answerDraft(record.event_id, given, late), id: record.event_id };
}

/** The end of a question without an answer; it claims the question's outcome. `where`: it was answered there instead. */
export function closedDraft(
  question_id: QuestionId,
  reason: QuestionClosed['reason'],
  answer?: string,
  where?: 'terminal',
): Draft<BodyOf<'question_closed'>> {
  return {
    id: eventIdFrom('closed', question_id, reason),
    slot: outcomeSlot(question_id),
    body: {
      type: 'question_closed',
      question_id,
      reason,
      ...(answer === undefined ? {} : { answer }),
      ...(where === undefined ? {} : { where }),
    },
  };
}

/** A person's word to a session. The same `cause` is the same word, however often it comes. */
export function messageDraft(
  cause: EventId,
  word: Omit<BodyOf<'message'>, 'type' | 'message_id'>,
): Draft<BodyOf<'message'>> {
  // An event id is a UUID, and a word is caused once.
  return { id: cause, body: { type: 'message', message_id: cause as string as MessageId, ...word } };
}

/** The receipt that Claude has a person's word, and how it got it. */
export function messageDeliveredDraft(
  message_id: MessageId,
  by: 'socket' | 'hook' | 'tool',
): Draft<BodyOf<'message_delivered'>> {
  return {
    id: eventIdFrom('message_delivered', message_id),
    slot: messageDeliveredSlot(message_id),
    body: { type: 'message_delivered', message_id, by },
  };
}

/** The receipt that Claude has the answer. */
export function deliveredDraft(answer: Pick<AnswerRecord, 'question_id' | 'late'>): Draft<BodyOf<'answer_delivered'>> {
  const late = answer.late === true;
  const { question_id } = answer;
  return {
    id: eventIdFrom('delivered', question_id, late ? 'late' : 'outcome'),
    slot: deliveredSlot(question_id, late),
    body: { type: 'answer_delivered', question_id, ...(late ? { late } : {}) },
  };
}

/** The place of a card: which question, in which chat of which channel. */
export interface CardPlace {
  readonly question_id: QuestionId;
  readonly channel: string;
  readonly chat: string;
}

/** A card is there; `ref` is what its channel needs to find it again. */
export function shownDraft({ question_id, channel, chat }: CardPlace, ref: string): Draft<BodyOf<'question_shown'>> {
  return {
    id: eventIdFrom('shown', question_id, channel, chat, ref),
    slot: shownSlot(question_id, channel, chat),
    body: { type: 'question_shown', question_id, channel, chat, ref },
  };
}

/** A card tells how its question ended, as far as `stage` says. */
export function settledDraft(
  { question_id, channel, chat }: CardPlace,
  stage: 'ended' | 'delivered',
): Draft<BodyOf<'question_settled'>> {
  return {
    id: eventIdFrom('settled', question_id, channel, chat, stage),
    slot: settledSlot(question_id, channel, chat, stage),
    body: { type: 'question_settled', question_id, channel, chat, stage },
  };
}

/** Something went wrong; `cause` makes the same trouble one record however often it is met. */
export function errorDraft(
  error: Omit<BodyOf<'error'>, 'type'>,
  ...cause: readonly (string | number)[]
): Draft<BodyOf<'error'>> {
  return { id: eventIdFrom('error', error.code, ...cause), body: { type: 'error', ...error } };
}

import type { MessageId, QuestionId } from './ids.ts';

// A slot is a write-once key: the first record in file order that carries it is the one that counts.

/** Held by the answer or the closing that ended the question. */
export const outcomeSlot = (question: QuestionId): string => `outcome:${question}`;

/** Held by the first answer that came after the question had expired. */
export const lateSlot = (question: QuestionId): string => `late:${question}`;

/** Held by the receipt that Claude has the answer. A late answer has a receipt of its own. */
export const deliveredSlot = (question: QuestionId, late = false): string =>
  late ? `delivered_late:${question}` : `delivered:${question}`;

/** Held by the card of the question in one chat of one channel. */
export const shownSlot = (question: QuestionId, channel: string, chat: string): string =>
  `shown:${question}:${channel}:${chat}`;

/** Held by the last word of that card at one stage. */
export const settledSlot = (question: QuestionId, channel: string, chat: string, stage: string): string =>
  `settled:${question}:${channel}:${chat}:${stage}`;

/** Held by the receipt that Claude has a person's word. */
export const messageDeliveredSlot = (message: MessageId): string => `message_delivered:${message}`;

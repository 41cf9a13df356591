import { errorDraft, messageDeliveredDraft } from '../domain/drafts.ts';
import type { MessageId } from '../domain/ids.ts';
import { whereWord } from '../domain/person-words.ts';
import { MESSAGE_WAITS, type MessageState, type QuestionState } from '../domain/session-state.ts';
import { preview } from '../domain/text.ts';
import type { Logger } from '../runtime/log.ts';
import type { ClaudeHost } from './claude-host.ts';
import { pushIntoSession } from './messaging-socket.ts';
import type { OwnSession } from './own-session.ts';
import { endingOf } from './question-report.ts';
import type { Questions } from './questions.ts';
import type { ToolCall } from './tool-call.ts';

// A call or hook that is about to bring a word anyway comes first.
const PUSH_AFTER_MS = 300;
// Claude Code tells within this time that it has taken a pushed text, unless it is in the middle of a long step.
const CONFIRMED_MS = 10_000;
// How long a way in that was shut is left alone.
const PUSH_AGAIN_MS = 30_000;
// After this a pushed text that was never confirmed may go another way too: twice is better than never.
const GIVEN_UP_MS = 60_000;

interface Parts {
  readonly session: OwnSession;
  readonly questions: Questions;
  readonly host: ClaudeHost;
  readonly log: Logger;
  readonly tellHub: () => void;
}

/** Words of the person that no waiting call brings: messages, and answers to questions whose call has ended. */
interface Words {
  readonly messages: readonly MessageState[];
  readonly answers: readonly QuestionState[];
}

/**
 * Brings the person's words to Claude: pushed into the session at once where Claude Code takes that, else with the next
 * hook or tool call. What has arrived gets its receipt, and only then.
 */
export class Deliveries {
  private readonly parts: Parts;
  /** Texts that were pushed, and what they hold. */
  private readonly pushed = new Map<string, { readonly words: Words; readonly at: number }>();
  private readonly onTheWay = new Set<MessageId>();
  private readonly had = new Set<MessageId>();
  /** Messages of which is written down why they wait. */
  private readonly explained = new Set<MessageId>();
  private pushing: NodeJS.Timeout | null = null;
  /** Not before this on the monotonic clock. */
  private pushFrom = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    parts.session.changes.listen(() => this.pushSoon());
    this.pushSoon();
  }

  /** Is there anything that Claude has not been told and nothing brings? */
  get waiting(): boolean {
    const { messages, answers } = this.free();
    return messages.length + answers.length > 0;
  }

  /** Has the person said anything that Claude has not been told? */
  get hasMessages(): boolean {
    return this.free().messages.length > 0;
  }

  /** What this call's result is to carry, as one text; null for nothing. The receipts are written once it has arrived. */
  take(call: ToolCall, by: 'hook' | 'tool'): string | null {
    const words = this.free();
    // The tools hand out answers themselves.
    const taken = by === 'tool' ? { ...words, answers: [] } : words;
    if (taken.messages.length + taken.answers.length === 0) return null;
    this.carry(taken, call, by);
    return textOf(taken);
  }

  /** The messages that this call's result is to carry; the receipts are written once it has arrived. */
  takeMessages(call: ToolCall): readonly MessageState[] {
    const words = { ...this.free(), answers: [] };
    this.carry(words, call, 'tool');
    return words.messages;
  }

  /** Is this prompt a text that was pushed? Then Claude has it. */
  heard(prompt: string): boolean {
    for (const [text, { words }] of this.pushed) {
      if (!prompt.includes(text)) continue;
      this.pushed.delete(text);
      for (const { record } of words.messages) this.delivered(record.message_id, 'socket');
      for (const answer of words.answers) this.parts.questions.delivered(answer);
      return true;
    }
    return false;
  }

  private carry({ messages, answers }: Words, call: ToolCall, by: 'hook' | 'tool'): void {
    for (const { record } of messages) {
      const { message_id: id } = record;
      this.onTheWay.add(id);
      call.whenSent(
        () => this.delivered(id, by),
        () => this.onTheWay.delete(id),
      );
    }
    for (const answer of answers) this.parts.questions.handOut(answer, call);
  }

  private delivered(id: MessageId, by: 'socket' | 'hook' | 'tool'): void {
    this.onTheWay.delete(id);
    if (this.had.has(id)) return;
    this.had.add(id);
    void this.parts.session.owe(messageDeliveredDraft(id, by)).then(() => this.parts.tellHub());
  }

  /** What nothing brings by now; a text that was pushed counts as on its way for so many milliseconds. */
  private free(pushedMsMax = GIVEN_UP_MS): Words {
    const { session } = this.parts;
    if (!session.opened || session.ended) return { messages: [], answers: [] };
    const pushed = [...this.pushed.values()].filter(({ at }) => performance.now() - at < pushedMsMax);
    const pushedMessages = new Set(
      pushed.flatMap(({ words }) => words.messages.map(({ record }) => record.message_id)),
    );
    const pushedAnswers = new Set(pushed.flatMap(({ words }) => words.answers.map(keyOf)));
    const isFree = ({ record: { message_id: id }, delivered }: MessageState): boolean =>
      !delivered && !this.had.has(id) && !this.onTheWay.has(id) && !pushedMessages.has(id);
    return {
      messages: [...session.state.messages.values()].filter(isFree),
      answers: this.parts.questions
        .news(session.state)
        .filter((question) => (question.answer || question.lateAnswer) && !pushedAnswers.has(keyOf(question))),
    };
  }

  private pushSoon(): void {
    if (this.pushing || performance.now() < this.pushFrom || !this.waiting) return;
    this.pushing = setTimeout(() => {
      this.pushing = null;
      void this.push();
    }, PUSH_AFTER_MS).unref();
  }

  private async push(): Promise<void> {
    // The same is never pushed twice: without hooks nobody says that it has arrived.
    const words = this.free(Number.POSITIVE_INFINITY);
    const { host, log, session } = this.parts;
    if (!host.messaging) return this.waits(words, 'it gets it with its next step: this Claude Code takes no messages');
    if (words.messages.length + words.answers.length === 0) return;
    const text = textOf(words);
    this.pushed.set(text, { words, at: performance.now() });
    try {
      await pushIntoSession(host.messaging, text);
      const why = 'it was handed to Claude Code, which has not said that Claude has read it';
      setTimeout(() => this.waits(words, why), CONFIRMED_MS).unref();
    } catch (error) {
      this.pushed.delete(text);
      this.pushFrom = performance.now() + PUSH_AGAIN_MS;
      log.warn({ session_id: session.id, error: String(error) }, 'could not push a message into the session');
      this.waits(words, `it gets it with its next step: ${(error as Error).message}`);
    }
  }

  /** Writes down, once a message, why Claude does not have it yet. */
  private waits({ messages }: Words, why: string): void {
    const { session, tellHub } = this.parts;
    for (const { record } of messages) {
      const { message_id: id } = record;
      if (this.had.has(id) || this.explained.has(id) || session.ended) continue;
      this.explained.add(id);
      const error = { code: MESSAGE_WAITS, message: `Claude has not read this yet; ${why}.`, detail: id };
      void session.owe(errorDraft(error, id)).then(tellHub);
    }
  }
}

function keyOf(question: QuestionState): string {
  return `${question.record.id}:${endingOf(question)}`;
}

function textOf({ messages, answers }: Words): string {
  return [...messages.map(messageText), ...answers.map(answeredText)].join('\n\n');
}

function messageText({ record: { text, sent_by } }: MessageState): string {
  return `Message of the person you work for (${sent_by.name}, by ${whereWord(sent_by)}):\n${text}`;
}

function answeredText({ record, answer, lateAnswer }: QuestionState): string {
  const given = answer ?? lateAnswer;
  const files = (given?.files ?? []).map(({ path }) => `\nAttached: ${path}`).join('');
  const who =
    given?.answered_by.channel === 'default' ? 'nobody in time: your own default answer' : given?.answered_by.name;
  return `Your question ${JSON.stringify(preview(record.question, 200))} was answered (${who}):\n${given?.answer}${files}`;
}

import PQueue from 'p-queue';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';

/** What goes first, in a chat and of all chats: a word to somebody who waits for one, new cards, how old ones ended, lists. */
export const URGENCY = { reply: 3, card: 2, change: 1, list: 0 } as const;
export type Urgency = (typeof URGENCY)[keyof typeof URGENCY];

/** Sends or edits one message; one that sends several awaits `turn` before each further one. */
export type Work<T> = (turn: () => Promise<void>) => Promise<T>;

// Strangers get a line of their own for their refusal; lines that rest are let go beyond so many.
const LINES_MAX = 1_000;

interface Waiting {
  work: Work<unknown>;
  isDone: () => boolean;
  done: Promise<unknown>;
}

interface Line {
  readonly chat: string;
  readonly gapMs: number;
  readonly queue: PQueue;
  /** What has not begun yet, by key. */
  readonly waiting: Map<string, Waiting>;
  nextAt: number;
}

/** What an outbox is made of. */
export interface OutboxParts {
  readonly timings: Pick<Timings, 'telegramChat' | 'telegramGroup' | 'telegramOverall'>;
  /** Where cards are shown. How old ones ended elsewhere is told when nothing else is to be said. */
  readonly chats: () => readonly string[];
  /** When it aborts, all that waits is rejected. */
  readonly signal: AbortSignal;
}

// Below all that is said where cards are shown: session files may name any number of chats.
const ELSEWHERE = -1;
const PAUSE = Number.POSITIVE_INFINITY;

/**
 * Paces what goes into each chat as Telegram demands, in order, one at a time. An idle chat is served at once. The
 * pauses follow the monotonic clock: p-queue's own intervals follow the wall clock, which may jump by an hour.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #lines = new Map<string, Line>();
  /** The chats whose turn has come, and the pause after each message. */
  readonly #turns = new PQueue({ concurrency: 1 });

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /**
   * Puts work into a chat's line. Work with the same key that has not begun yet is replaced, and resolves alike.
   * `isDone` is asked when its turn comes: work that has nothing to send any more uses up no turn.
   */
  put<T>(chat: string, key: string, urgency: Urgency, work: Work<T>, isDone = () => false): Promise<T> {
    const line = this.#line(chat);
    const before = line.waiting.get(key);
    if (before) {
      before.work = work;
      before.isDone = isDone;
      return before.done as Promise<T>;
    }
    const turn = () => this.#turn(line, urgency);
    const waiting: Waiting = { work, isDone, done: Promise.resolve() };
    line.waiting.set(key, waiting);
    const task = async (): Promise<T> => {
      try {
        if (!waiting.isDone()) await turn();
      } finally {
        line.waiting.delete(key);
      }
      return waiting.work(turn) as Promise<T>;
    };
    const done = line.queue.add(task, { priority: urgency });
    waiting.done = done;
    return done;
  }

  /** Lets nothing into a chat for a while, because Telegram asks for it. */
  holdBack(chat: string, ms: number): void {
    this.#line(chat).nextAt = performance.now() + ms;
  }

  #line(chat: string): Line {
    const known = this.#lines.get(chat);
    if (known) return known;
    if (this.#lines.size >= LINES_MAX) this.#letGo();
    const { timings } = this.#parts;
    // Telegram gives groups negative ids, and a lower limit.
    const gapMs = chat.startsWith('-') ? timings.telegramGroup : timings.telegramChat;
    const line = { chat, gapMs, queue: new PQueue({ concurrency: 1 }), waiting: new Map(), nextAt: 0 };
    this.#lines.set(chat, line);
    return line;
  }

  #letGo(): void {
    for (const [chat, { queue, nextAt }] of this.#lines) {
      if (queue.size + queue.pending === 0 && nextAt < performance.now()) this.#lines.delete(chat);
    }
  }

  async #turn(line: Line, urgency: Urgency): Promise<void> {
    const { chats, signal } = this.#parts;
    await pause(line.nextAt - performance.now(), signal);
    const answersSomebody = urgency === URGENCY.reply;
    const priority = answersSomebody || chats().includes(line.chat) ? urgency : ELSEWHERE;
    // As a rule nothing else wants to be sent, and a person waits.
    if (this.#turns.size + this.#turns.pending === 0) this.#thenPause();
    else await this.#turns.add(() => this.#thenPause(), { priority });
    line.nextAt = performance.now() + line.gapMs;
  }

  /** Whose turn is next is decided when the pause is over. */
  #thenPause(): void {
    const { timings, signal } = this.#parts;
    signal.throwIfAborted();
    void this.#turns.add(() => pause(timings.telegramOverall, signal), { priority: PAUSE }).catch(() => undefined);
  }
}

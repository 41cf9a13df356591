import PQueue from 'p-queue';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';

/** What goes first in a chat: a word to somebody who waits for one, new cards, how old ones ended, lists. */
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
  readonly gapMs: number;
  readonly queue: PQueue;
  /** What has not begun yet, by key. */
  readonly waiting: Map<string, Waiting>;
  nextAt: number;
}

/**
 * Paces what goes into each chat as Telegram demands, in order, one at a time. An idle chat is served at once. The
 * pauses follow the monotonic clock: p-queue's own intervals follow the wall clock, which may jump by an hour.
 */
export class Outbox {
  readonly #timings: Pick<Timings, 'telegramChat' | 'telegramGroup' | 'telegramOverall'>;
  readonly #signal: AbortSignal;
  readonly #lines = new Map<string, Line>();
  #nextAt = 0;

  /** When `signal` aborts, all that waits is rejected. */
  constructor(timings: Pick<Timings, 'telegramChat' | 'telegramGroup' | 'telegramOverall'>, signal: AbortSignal) {
    this.#timings = timings;
    this.#signal = signal;
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
    const turn = () => this.#turn(line);
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
    // Telegram gives groups negative ids, and a lower limit.
    const gapMs = chat.startsWith('-') ? this.#timings.telegramGroup : this.#timings.telegramChat;
    const line = { gapMs, queue: new PQueue({ concurrency: 1 }), waiting: new Map(), nextAt: 0 };
    this.#lines.set(chat, line);
    return line;
  }

  #letGo(): void {
    for (const [chat, { queue, nextAt }] of this.#lines) {
      if (queue.size + queue.pending === 0 && nextAt < performance.now()) this.#lines.delete(chat);
    }
  }

  async #turn(line: Line): Promise<void> {
    await this.#until(line.nextAt);
    const at = Math.max(performance.now(), this.#nextAt);
    this.#nextAt = at + this.#timings.telegramOverall;
    await this.#until(at);
    line.nextAt = performance.now() + line.gapMs;
  }

  async #until(at: number): Promise<void> {
    await pause(at - performance.now(), this.#signal);
  }
}

import type { QuestionId, SessionId } from '../domain/ids.ts';
import type { QuestionRecord } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';

// Looked at again after this at the latest: the clock of the wall may jump, timers do not follow it.
const LOOK_MS_MAX = 30_000;

/** Does a question wait for somebody at the desk at `now` (milliseconds since the epoch), unless they are away? */
export function waitsForDesk({ hold_until }: Pick<QuestionRecord, 'hold_until'>, now: number): boolean {
  return hold_until !== undefined && Date.parse(hold_until) > now;
}

/** What held cards are kept with. */
export interface HeldCardsParts {
  readonly isAway: (session: SessionId) => boolean;
  /** The card may be shown now, or is to be looked at again. */
  readonly due: (session: SessionId, question: QuestionId) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Cards that wait for somebody at the desk, each with the timer that ends its wait. When it ends stands in the log, so a
 * new hub waits on.
 */
export class HeldCards {
  readonly #parts: HeldCardsParts;
  readonly #timers = new Map<QuestionId, NodeJS.Timeout>();

  constructor(parts: HeldCardsParts) {
    this.#parts = parts;
    parts.signal.addEventListener('abort', () => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  /** Must this card wait? Then it is looked at again when its time has come. */
  isHeld(session: SessionId, { record, status }: QuestionState): boolean {
    const { now, isAway } = this.#parts;
    if (status !== 'pending' || !waitsForDesk(record, now()) || isAway(session)) return false;
    this.#plan(session, record);
    return true;
  }

  #plan(session: SessionId, { id, hold_until = '' }: QuestionRecord): void {
    const { now, due, signal } = this.#parts;
    if (this.#timers.has(id) || signal.aborted) return;
    const look = (): void => {
      this.#timers.delete(id);
      due(session, id);
    };
    this.#timers.set(id, setTimeout(look, Math.min(Date.parse(hold_until) - now(), LOOK_MS_MAX)).unref());
  }
}

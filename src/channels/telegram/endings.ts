import type { QuestionId, SessionId } from '../../domain/ids.ts';
import type { Person } from '../../domain/records.ts';
import type { Card } from '../../relay/channel.ts';
import type { Timings } from '../../runtime/timings.ts';
import { RecentMap } from './recent-map.ts';

/** Who writes within this time after a question has ended may not have seen that it has. */
const UNSEEN_MS = 10_000;
const REMEMBERED_MAX = 200;

/** How questions ended lately: what somebody writes in such a moment may have been meant for what is not open any more. */
export class Endings {
  readonly #cards = new RecentMap<QuestionId, Card>(REMEMBERED_MAX);
  readonly #readMs: number;

  constructor({ telegramRead }: Pick<Timings, 'telegramRead'>) {
    this.#readMs = telegramRead;
  }

  /** Notes a question that has ended. */
  note(card: Card): void {
    if (card.kind !== 'notice' && card.state.status !== 'pending') this.#cards.set(card.question_id, card);
  }

  /** The question of a session that a text may have been meant for, though it has just ended; null: none. */
  missedIn(session: SessionId, person: Person, writtenAt: number): Card | null {
    const cards = [...this.#cards.values()].reverse();
    return cards.find((card) => card.session.id === session && mayAnswer(card, person, writtenAt)) ?? null;
  }

  /**
   * May what a person wrote at `writtenAt` (milliseconds since the epoch) be for something else than the only question
   * that is open? `session`: only its questions count; null: all.
   */
  leaveInDoubt(only: Card, person: Person, writtenAt: number, session: SessionId | null): boolean {
    const askedAt = Date.parse(only.asked_at);
    return [...this.#cards.values()].some((card) => {
      const { state } = card;
      if (state.status === 'pending' || (session !== null && card.session.id !== session)) return false;
      const endedAt = Date.parse(state.status === 'answered' ? state.answered_at : state.at);
      if (endedAt <= writtenAt - UNSEEN_MS) return false;
      const own = state.status === 'answered' && isSame(state.answered_by, person);
      // Who has just answered may go on writing, while a further question comes that nobody has read yet.
      return !own || (askedAt >= endedAt && askedAt > writtenAt - this.#readMs);
    });
  }
}

/** May a text that a person wrote at `writtenAt` (milliseconds) have been meant as the answer of a card that has ended? */
export function mayAnswer({ state }: Card, person: Person, writtenAt: number): boolean {
  if (state.status === 'pending') return true;
  // Who has given the answer knows.
  if (state.status === 'answered' && isSame(state.answered_by, person)) return false;
  return Date.parse(state.status === 'answered' ? state.answered_at : state.at) > writtenAt - UNSEEN_MS;
}

function isSame(a: Person, b: Person): boolean {
  return a.channel === b.channel && a.id === b.id;
}

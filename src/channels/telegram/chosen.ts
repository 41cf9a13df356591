import type { QuestionId } from '../../domain/ids.ts';
import type { Place } from './place.ts';
import { RecentMap } from './recent-map.ts';

/** How long a choice holds: longer, and a text may be meant for something else by then. */
const CHOICE_MS = 10 * 60_000;
const CHOICES_MAX = 1_000;

/** A question that was chosen, and the topic in which that was; null: in none. */
export interface Choice {
  readonly question: QuestionId;
  readonly thread: number | null;
}

/** Which question each person has chosen in each chat, for what they write next. */
export class Chosen {
  readonly #choices = new RecentMap<string, Choice & { readonly until: number }>(CHOICES_MAX);

  choose({ chat, thread }: Place, person: string, question: QuestionId): void {
    this.#choices.set(`${chat}:${person}`, { question, thread, until: performance.now() + CHOICE_MS });
  }

  of(chat: string, person: string): Choice | null {
    const choice = this.#choices.get(`${chat}:${person}`);
    return choice && performance.now() < choice.until ? choice : null;
  }

  /** Forgets the choice, or only if it is this question. */
  forget(chat: string, person: string, question?: QuestionId): void {
    if (question === undefined || this.of(chat, person)?.question === question)
      this.#choices.delete(`${chat}:${person}`);
  }
}

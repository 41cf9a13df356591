import type { QuestionId } from '../../domain/ids.ts';
import { RecentMap } from './recent-map.ts';

/** How long a choice holds: longer, and a text may be meant for something else by then. */
const CHOICE_MS = 10 * 60_000;
const CHOICES_MAX = 1_000;

/** Which question each person has chosen in each chat, for what they write next. */
export class Chosen {
  readonly #choices = new RecentMap<string, { readonly question: QuestionId; readonly until: number }>(CHOICES_MAX);

  choose(chat: string, person: string, question: QuestionId): void {
    this.#choices.set(`${chat}:${person}`, { question, until: performance.now() + CHOICE_MS });
  }

  of(chat: string, person: string): QuestionId | null {
    const choice = this.#choices.get(`${chat}:${person}`);
    return choice && performance.now() < choice.until ? choice.question : null;
  }

  /** Forgets the choice, or only if it is this question. */
  forget(chat: string, person: string, question?: QuestionId): void {
    if (question === undefined || this.of(chat, person) === question) this.#choices.delete(`${chat}:${person}`);
  }
}

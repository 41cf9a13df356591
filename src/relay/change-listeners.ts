import type { QuestionId } from '../domain/ids.ts';
import type { Changes } from './channel.ts';

/** Tells whoever listens what is new, merged per tick: a burst of records is one call. Costs nothing without a listener. */
export class ChangeListeners {
  readonly #listeners = new Set<(changes: Changes) => void>();
  #questions = new Set<QuestionId>();
  #sessions = false;
  #presence = false;
  #planned = false;

  /** Listens until the returned function is called. */
  add(listener: (changes: Changes) => void): () => void {
    // The same function may listen twice.
    const own = (changes: Changes): void => listener(changes);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  question(id: QuestionId): void {
    if (this.#listeners.size === 0) return;
    this.#questions.add(id);
    this.#plan();
  }

  sessions(): void {
    if (this.#listeners.size === 0) return;
    this.#sessions = true;
    this.#plan();
  }

  presence(): void {
    if (this.#listeners.size === 0) return;
    this.#presence = true;
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.#tell());
  }

  #tell(): void {
    const changes = { questions: this.#questions, sessions: this.#sessions, presence: this.#presence };
    this.#planned = false;
    this.#questions = new Set();
    this.#sessions = false;
    this.#presence = false;
    for (const listener of this.#listeners) listener(changes);
  }
}

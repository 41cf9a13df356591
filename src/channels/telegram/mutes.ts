import type { StateFile } from '../../runtime/state-file.ts';

const SECTION = 'mutes';
/** A week: who wants more wants the chat's own settings. */
export const MUTE_MINUTES_MAX = 7 * 24 * 60;

/** Which chats want no sound for a while. Survives a restart of the hub. */
export class Mutes {
  readonly #state: StateFile;
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch. */
  constructor(state: StateFile, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  /** Until when the chat is muted, in milliseconds since the epoch; null when it is not. */
  until(chat: string): number | null {
    const until = this.#all()[chat] ?? 0;
    return until > this.#now() ? until : null;
  }

  /** May a message that nobody asked for make a sound in this chat? Reminders are not sent at all while it may not. */
  isMuted(chat: string): boolean {
    return this.until(chat) !== null;
  }

  /** Mutes a chat from now on, and returns until when. */
  mute(chat: string, minutes: number): number {
    const until = this.#now() + minutes * 60_000;
    this.#keep({ ...this.#all(), [chat]: until });
    return until;
  }

  /** Returns whether the chat was muted. */
  unmute(chat: string): boolean {
    const was = this.isMuted(chat);
    const { [chat]: _, ...others } = this.#all();
    this.#keep(others);
    return was;
  }

  #keep(mutes: Record<string, number>): void {
    const lasting = Object.entries(mutes).filter(([, until]) => until > this.#now());
    this.#state.set(SECTION, Object.fromEntries(lasting));
  }

  #all(): Record<string, number> {
    const kept = this.#state.get(SECTION);
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  }
}

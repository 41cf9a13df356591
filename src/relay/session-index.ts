import type { EventId, MessageId, QuestionId, SessionId } from '../domain/ids.ts';
import { isForeign, type SessionRecord } from '../domain/records.ts';

/** What an act of a person names: a question, the record of an answer, a word to a session. */
export type Key = QuestionId | EventId | MessageId;

/**
 * Which sessions have read a question, an answer or a word of a person, so that an act finds its session without a look
 * through all of them. It says where to look, not what holds: a log may have been replaced since.
 */
export class SessionIndex {
  readonly #sessions = new Map<Key, SessionId[]>();
  readonly #keys = new Map<SessionId, Key[]>();

  /** Takes in what was read of a session's log. */
  add(session: SessionId, records: readonly SessionRecord[]): void {
    for (const record of records) {
      if (isForeign(record)) continue;
      if (record.type === 'question') this.#enter(record.id, session);
      else if (record.type === 'answer') this.#enter(record.event_id, session);
      else if (record.type === 'message') this.#enter(record.message_id, session);
    }
  }

  /** Forgets all that a session has read: it is followed no more, or its log is another one. */
  forget(session: SessionId): void {
    for (const key of this.#keys.get(session) ?? []) {
      const others = this.#sessions.get(key)?.filter((each) => each !== session) ?? [];
      if (others.length > 0) this.#sessions.set(key, others);
      else this.#sessions.delete(key);
    }
    this.#keys.delete(session);
  }

  /** The sessions that have read it, mostly one: a question that was written again under a new session id has two. */
  of(key: Key): readonly SessionId[] {
    return this.#sessions.get(key) ?? [];
  }

  #enter(key: Key, session: SessionId): void {
    const sessions = this.#sessions.get(key);
    if (sessions?.includes(session)) return;
    if (sessions) sessions.push(session);
    else this.#sessions.set(key, [session]);
    const keys = this.#keys.get(session);
    if (keys) keys.push(key);
    else this.#keys.set(session, [key]);
  }
}

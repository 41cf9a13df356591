import * as z from 'zod';
import type { SessionId } from '../../domain/ids.ts';
import type { StateFile } from '../../runtime/state-file.ts';

const SECTION = 'topics';

const recordSchema = z.object({
  /** Null: being made, by this hub or by one that did not live to hear of it; General has no number. */
  thread: z.number().int().positive().nullable(),
  name: z.string(),
  mood: z.enum(['open', 'idle', 'ended']),
  /** People have deleted a topic of this session before. */
  deleted: z.boolean().optional(),
  /** This session's cards go to General for good. */
  general: z.boolean().optional(),
});

/** What is known of the topic of a session. */
export type TopicRecord = z.infer<typeof recordSchema>;

/** Which topic belongs to which session, in each forum. Survives a restart of the hub; what is damaged is forgotten. */
export class TopicRecords {
  readonly #state: StateFile;
  readonly #chats = new Map<string, Map<SessionId, TopicRecord>>();

  constructor(state: StateFile) {
    this.#state = state;
    for (const [chat, sessions] of entriesOf(state.get(SECTION))) {
      for (const [session, value] of entriesOf(sessions)) {
        const record = recordSchema.safeParse(value);
        if (record.success) this.#of(chat).set(session as SessionId, record.data);
      }
    }
  }

  /** A copy: it may be changed while somebody goes through it. */
  all(): { chat: string; session: SessionId; record: TopicRecord }[] {
    return [...this.#chats].flatMap(([chat, sessions]) =>
      [...sessions].map(([session, record]) => ({ chat, session, record })),
    );
  }

  get(chat: string, session: SessionId): TopicRecord | undefined {
    return this.#chats.get(chat)?.get(session);
  }

  /** A topic is one session's: another one that was taken for its owner has it no more. */
  set(chat: string, session: SessionId, record: TopicRecord): void {
    for (const [other, its] of this.#of(chat)) {
      if (record.thread !== null && its.thread === record.thread) this.#of(chat).set(other, { ...its, thread: null });
    }
    this.#of(chat).set(session, record);
    this.#save();
  }

  delete(chat: string, session: SessionId): void {
    if (this.#chats.get(chat)?.delete(session)) this.#save();
  }

  /** The session whose topic this is. */
  sessionAt(chat: string, thread: number): SessionId | null {
    for (const [session, record] of this.#chats.get(chat) ?? []) if (record.thread === thread) return session;
    return null;
  }

  #of(chat: string): Map<SessionId, TopicRecord> {
    const known = this.#chats.get(chat) ?? new Map<SessionId, TopicRecord>();
    this.#chats.set(chat, known);
    return known;
  }

  #save(): void {
    const chats = [...this.#chats].map(([chat, sessions]) => [chat, Object.fromEntries(sessions)]);
    this.#state.set(SECTION, Object.fromEntries(chats));
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

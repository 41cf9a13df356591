import type { SessionId } from '../../domain/ids.ts';
import type { RelayDesk, SessionSummary } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import type { Messenger } from './messenger.ts';
import { URGENCY } from './outbox.ts';
import { type Mood, topicName } from './topic-look.ts';
import type { TopicRecord } from './topic-records.ts';
import type { Topics } from './topics.ts';

// A session that is missing may be one whose file is just being repaired; one that this hub has never seen may be one
// whose file is still to be read. After so many looks in a row it has ended.
const LOOKS_MISSING_MAX = 3;
const LOOKS_UNSEEN_MAX = 30;
// It is as it should be already, or there is no such topic any more: nothing is left to do.
const NO_CHANGE = /TOPIC_NOT_MODIFIED/i;

/** What topics are kept up to date with. */
export interface TopicKeeperParts {
  readonly topics: Topics;
  readonly messenger: Messenger;
  readonly desk: RelayDesk;
  readonly timings: Pick<Timings, 'telegramTopics'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Keeps topics called and marked as their sessions are, and closes them when those end. */
export class TopicKeeper {
  readonly #parts: TopicKeeperParts;
  readonly #seen = new Set<SessionId>();
  /** For how many looks in a row each session has been missing. */
  readonly #missing = new Map<SessionId, number>();
  #looking = false;

  constructor(parts: TopicKeeperParts) {
    this.#parts = parts;
  }

  /** Looks again and again until the signal aborts. */
  start(): void {
    const { timings, signal } = this.#parts;
    const timer = setInterval(() => void this.#look(), timings.telegramTopics).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    const all = this.#parts.topics.records.all();
    if (all.length === 0) return;
    this.#looking = true;
    try {
      const live = new Map(this.#parts.desk.sessions().map((summary) => [summary.name.id, summary]));
      for (const id of live.keys()) {
        this.#seen.add(id);
        this.#missing.delete(id);
      }
      await Promise.all(all.map(({ chat, session, record }) => this.#keep(chat, session, record, live.get(session))));
    } catch (error) {
      // The next look comes.
      if (!this.#parts.signal.aborted) this.#parts.log.info({ error: String(error) }, 'a topic could not be changed');
    } finally {
      this.#looking = false;
    }
  }

  async #keep(chat: string, session: SessionId, record: TopicRecord, live: SessionSummary | undefined): Promise<void> {
    const { records } = this.#parts.topics;
    if (live) {
      const mood: Mood = live.pending > 0 ? 'open' : 'idle';
      const name = topicName(live.name);
      if (record.thread !== null && (name !== record.name || mood !== record.mood)) {
        await this.#change(chat, session, record, { name, mood });
      }
      return;
    }
    const missing = (this.#missing.get(session) ?? 0) + 1;
    this.#missing.set(session, missing);
    if (missing < (this.#seen.has(session) ? LOOKS_MISSING_MAX : LOOKS_UNSEEN_MAX)) return;
    if (record.thread !== null) {
      if (record.mood !== 'ended') await this.#change(chat, session, record, { name: record.name, mood: 'ended' });
      const place = { chat_id: chat, message_thread_id: record.thread };
      await this.#call(chat, `topic:${record.thread}`, () =>
        this.#parts.messenger.call('closeForumTopic', place, { chat }),
      );
    }
    records.delete(chat, session);
    this.#seen.delete(session);
    this.#missing.delete(session);
  }

  async #change(
    chat: string,
    session: SessionId,
    record: TopicRecord,
    look: { name: string; mood: Mood },
  ): Promise<void> {
    const { messenger, topics } = this.#parts;
    const icon = (await topics.icons())[look.mood];
    const named = look.name === record.name ? undefined : look.name;
    if (record.thread !== null && (named !== undefined || icon !== undefined)) {
      const payload = {
        chat_id: chat,
        message_thread_id: record.thread,
        name: named,
        icon_custom_emoji_id: icon,
      };
      await this.#call(chat, `topic:${record.thread}`, () =>
        messenger.call('editForumTopic', payload as never, { chat }),
      );
    }
    const now = topics.records.get(chat, session);
    if (now?.thread === record.thread) topics.records.set(chat, session, { ...now, ...look });
  }

  /** In the chat's line, after everything else: it counts against the same limits. What is refused is not tried again. */
  async #call(chat: string, key: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await this.#parts.messenger.inLine(chat, key, URGENCY.list, call);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      if (!NO_CHANGE.test(error.message)) this.#parts.log.info({ error: error.message }, 'a topic stays as it is');
    }
  }
}

import type { SessionId } from '../../domain/ids.ts';
import type { RelayDesk, SessionName } from '../../relay/channel.ts';
import { ChannelError } from '../../relay/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { StateFile } from '../../runtime/state-file.ts';
import { BotFault } from './bot-client.ts';
import type { Messenger } from './messenger.ts';
import { plain } from './rich-text.ts';
import { ICON_COLOR, type Icons, type Mood, pickIcons, topicName } from './topic-look.ts';
import { type TopicRecord, TopicRecords } from './topic-records.ts';
import { WORDS } from './words.ts';

/** Whether a group has topics, and whether the bot may make them, is asked again after this long. */
const ASK_AGAIN_MS = 10 * 60_000;
/** How long Telegram may take to tell of a topic that was made, when its answer was lost. */
const NEWS_MS = 3_000;
const SAID = 'topics_said';

// What Telegram says of topics that are gone, and of those that take nothing from this bot.
const GONE = /message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i;
const CLOSED = /TOPIC_CLOSED/i;

/** What topics are kept with. */
export interface TopicsParts {
  readonly messenger: Messenger;
  readonly desk: () => RelayDesk | null;
  readonly state: StateFile;
  readonly log: Logger;
}

/** Sends from within a chat's line; `thread` undefined: to General, or to a chat without topics. */
type Send<T> = (thread: number | undefined) => Promise<T>;

/** Gives each session a topic of its own in a forum, and sends its cards there. */
export class Topics {
  readonly records: TopicRecords;
  readonly #parts: TopicsParts;
  readonly #forums = new Map<string, { readonly is: boolean; readonly at: number }>();
  readonly #refusedAt = new Map<string, number>();
  readonly #news = new Set<() => void>();
  #icons: Icons | null = null;

  constructor(parts: TopicsParts) {
    this.#parts = parts;
    this.records = new TopicRecords(parts.state);
  }

  /** The session whose topic this is; null: General, no topic at all, or one that people have made. */
  sessionAt(chat: string, thread: number | null): SessionId | null {
    return thread === null ? null : this.records.sessionAt(chat, thread);
  }

  /**
   * Sends something of a session into its topic, which is made when there is none. One that was deleted is made once
   * more; after that, and wherever there can be no topic, it goes to General. `turn` awaits the chat's pace.
   *
   * @throws ChannelError
   */
  async send<T>(session: SessionName, chat: string, turn: () => Promise<void>, send: Send<T>): Promise<T> {
    const thread = await this.#threadOf(session, chat, turn);
    if (thread === undefined) return send(undefined);
    try {
      return await send(thread);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      if (CLOSED.test(error.message)) return this.#sendThoughClosed(session, chat, { thread, turn, send });
      if (GONE.test(error.message)) return this.#sendThoughGone(session, chat, turn, send);
      throw error;
    }
  }

  /** Takes in that a topic was made: it may be one whose answer was lost. */
  made(chat: string, thread: number, name: string): void {
    if (this.records.sessionAt(chat, thread) !== null) return;
    const awaited = this.records.all().find((each) => {
      return each.chat === chat && each.record.thread === null && each.record.name === name;
    });
    if (!awaited) return;
    this.records.set(chat, awaited.session, { ...awaited.record, thread });
    for (const tell of [...this.#news]) tell();
  }

  /** The icons that topics may have; empty when Telegram does not say. */
  async icons(): Promise<Icons> {
    if (this.#icons) return this.#icons;
    try {
      this.#icons = pickIcons(await this.#parts.messenger.call('getForumTopicIconStickers', {}));
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      this.#icons = {};
    }
    return this.#icons;
  }

  async #threadOf(session: SessionName, chat: string, turn: () => Promise<void>): Promise<number | undefined> {
    if (!(await this.#isForum(chat))) return undefined;
    const known = this.records.get(chat, session.id);
    if (known?.general) return undefined;
    return known?.thread ?? this.#make(session, chat, turn);
  }

  /** Telegram gives groups negative ids. */
  async #isForum(chat: string): Promise<boolean> {
    if (!chat.startsWith('-')) return false;
    const known = this.#forums.get(chat);
    const now = performance.now();
    if (known && now - known.at < ASK_AGAIN_MS) return known.is;
    const facts = (await this.#parts.messenger.call('getChat', { chat_id: chat })) as { is_forum?: boolean };
    const is = facts.is_forum === true;
    this.#forums.set(chat, { is, at: now });
    return is;
  }

  /** Makes a topic. That it is being made is written down first: a hub that is killed in between makes no second one. */
  async #make(session: SessionName, chat: string, turn: () => Promise<void>): Promise<number | undefined> {
    const refusedAt = this.#refusedAt.get(chat);
    if (refusedAt !== undefined && performance.now() - refusedAt < ASK_AGAIN_MS) return undefined;
    const begun = this.records.get(chat, session.id);
    const told = begun && (await this.#toldOf(chat, session.id));
    if (told) return told;
    const icons = await this.icons();
    const mood: Mood = this.#isOpen(session.id) ? 'open' : 'idle';
    const record: TopicRecord = { ...begun, thread: null, name: topicName(session), mood };
    this.records.set(chat, session.id, record);
    const icon = icons[mood] === undefined ? { icon_color: ICON_COLOR } : { icon_custom_emoji_id: icons[mood] };
    const payload = {
      chat_id: chat,
      name: record.name,
      icon_color: undefined,
      icon_custom_emoji_id: undefined,
      ...icon,
    };
    try {
      const { messenger } = this.#parts;
      const { message_thread_id: thread } = await messenger.call('createForumTopic', payload as never, {
        chat,
        failuresMax: 1,
      });
      this.records.set(chat, session.id, { ...record, thread });
      this.#parts.state.set(SAID, { ...this.#said(), [chat]: false });
      await turn();
      return thread;
    } catch (error) {
      return this.#notMade(session, chat, error);
    }
  }

  async #notMade(session: SessionName, chat: string, error: unknown): Promise<number | undefined> {
    if (!(error instanceof ChannelError)) throw error;
    const kind = error.cause instanceof BotFault ? error.cause.kind : null;
    if (!error.permanent) {
      // It may have been made all the same.
      const told = kind === 'flood' ? null : await this.#toldOf(chat, session.id);
      if (told) return told;
      throw error;
    }
    this.records.delete(chat, session.id);
    if (kind !== 'refused') throw error;
    this.#parts.log.warn({ error: error.message }, 'no topic could be made; questions go to General');
    this.#refusedAt.set(chat, performance.now());
    this.#sayOnce(chat, WORDS.noTopicRights);
    return undefined;
  }

  /** Waits a moment for Telegram's own word that the topic was made. */
  async #toldOf(chat: string, session: SessionId): Promise<number | null> {
    const thread = (): number | null => this.records.get(chat, session)?.thread ?? null;
    const until = performance.now() + NEWS_MS;
    while (thread() === null && performance.now() < until) await this.#nextNews(until - performance.now());
    return thread();
  }

  #nextNews(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#news.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      this.#news.add(done);
    });
  }

  /** A topic that somebody has closed is opened again; when that is not allowed, its session's cards go to General. */
  async #sendThoughClosed<T>(
    session: SessionName,
    chat: string,
    { thread, turn, send }: { thread: number; turn: () => Promise<void>; send: Send<T> },
  ): Promise<T> {
    try {
      await this.#parts.messenger.call('reopenForumTopic', { chat_id: chat, message_thread_id: thread }, { chat });
      await turn();
      return await send(thread);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      return this.#sendToGeneral(session, chat, send);
    }
  }

  async #sendThoughGone<T>(session: SessionName, chat: string, turn: () => Promise<void>, send: Send<T>): Promise<T> {
    const known = this.records.get(chat, session.id);
    this.records.delete(chat, session.id);
    // Who deletes it twice does not want it.
    if (known?.deleted) return this.#sendToGeneral(session, chat, send);
    const thread = await this.#make(session, chat, turn);
    const made = this.records.get(chat, session.id);
    if (thread === undefined || !made) return send(undefined);
    this.records.set(chat, session.id, { ...made, deleted: true });
    this.#say(chat, WORDS.topicMadeAgain, thread);
    return send(thread);
  }

  #sendToGeneral<T>(session: SessionName, chat: string, send: Send<T>): Promise<T> {
    const record: TopicRecord = { thread: null, name: topicName(session), mood: 'idle', general: true };
    this.records.set(chat, session.id, record);
    this.#say(chat, WORDS.topicGivenUp(session.title));
    return send(undefined);
  }

  #isOpen(session: SessionId): boolean {
    return (
      this.#parts
        .desk()
        ?.inbox()
        .some((card) => card.session.id === session) ?? false
    );
  }

  /** Once for all hubs to come, until it has worked in between. */
  #sayOnce(chat: string, words: string): void {
    if (this.#said()[chat]) return;
    this.#parts.state.set(SAID, { ...this.#said(), [chat]: true });
    this.#say(chat, words);
  }

  #said(): Readonly<Record<string, unknown>> {
    const said = this.#parts.state.get(SAID);
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {};
  }

  #say(chat: string, words: string, thread?: number): void {
    this.#parts.messenger.send(chat, [{ text: plain(words), thread }]).catch((error: unknown) => {
      this.#parts.log.warn({ error: String(error) }, 'could not be said in Telegram');
    });
  }
}

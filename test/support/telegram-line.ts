import { beforeEach, onTestFinished } from 'vitest';
import { TelegramChannel } from '../../src/channels/telegram/telegram-channel.ts';
import type { WebhookPlace } from '../../src/channels/telegram/webhook.ts';
import type { StateFile } from '../../src/runtime/state-file.ts';
import { TIMINGS, type Timings } from '../../src/runtime/timings.ts';
import { type BotApi, startBotApi } from './bot-api/bot-api.ts';
import type { SeenMessage } from './bot-api/chats.ts';
import type { Person } from './bot-api/person.ts';
import { MemoryDesk } from './memory-desk.ts';

const QUICK: Timings = {
  ...TIMINGS,
  telegramChat: 5,
  telegramGroup: 5,
  telegramOverall: 1,
  telegramPoll: 2_000,
  telegramQuiet: 5,
  // Longer than a busy machine takes between two pictures.
  telegramAlbum: 250,
  telegramTopics: 20,
  retryMin: 20,
  retryMax: 200,
};

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly message: string;
}

/** What a test may ask for beside the usual channel. */
export interface ChannelWishes {
  readonly timings?: Partial<Timings>;
  readonly token?: string;
  readonly apiRoot?: string;
  readonly chatId?: string;
  readonly webhook?: WebhookPlace;
  readonly state?: StateFile;
  readonly now?: () => number;
  /** `off` unless a test is about it, so that no test counts its message. */
  readonly inbox?: 'on' | 'off' | 'auto';
  readonly remindMinutes?: number;
}

/** A telegram channel between a desk in memory and a Bot API on loopback, with Ann as its owner and Bob as nobody. */
export class TelegramLine {
  readonly api: BotApi;
  readonly desk = new MemoryDesk(7);
  readonly ann: Person;
  readonly bob: Person;
  readonly logged: LogLine[] = [];
  /** Settles when the channel ends by itself. */
  running: Promise<void> = Promise.resolve();
  #end = new AbortController();

  constructor(api: BotApi) {
    this.api = api;
    this.ann = api.user(7, 'Ann');
    this.bob = api.user(8, 'Bob');
  }

  /** Starts the channel, as a hub does. */
  start({ timings, token, apiRoot, ...more }: ChannelWishes = {}): TelegramChannel {
    const log = (level: LogLine['level']) => (facts: object, message: string) =>
      void this.logged.push({ level, facts, message });
    const channel = new TelegramChannel({
      token: token ?? this.api.token,
      ownerIds: () => [...this.desk.owners],
      inbox: 'off',
      ...more,
      apiRoot: apiRoot ?? this.api.root,
      timings: { ...QUICK, ...timings },
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    });
    this.desk.channel = channel;
    this.#end = new AbortController();
    this.running = channel.run(this.desk, this.#end.signal);
    this.running.catch(() => undefined);
    return channel;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.running.catch(() => undefined);
  }

  /** Ends the channel and starts another one, which knows nothing of the first. */
  async restart(wishes: ChannelWishes = {}): Promise<TelegramChannel> {
    await this.stop();
    return this.start(wishes);
  }

  /** The bot's last message to a person, or in a group. */
  last(person = this.ann, chat = person.id): SeenMessage {
    const message = person.messages(chat).at(-1);
    if (!message) throw new Error(`The bot has said nothing in chat ${chat}.`);
    return message;
  }

  /** Resolves with the newest message that says so. */
  seen(text: string, person = this.ann, chat = person.id): Promise<SeenMessage> {
    return this.api.waitFor(() => person.messages(chat).findLast((message) => message.text?.includes(text)));
  }

  /** Resolves with a message to Ann that says so and has no buttons. */
  settled(text: string): Promise<SeenMessage> {
    return this.api.waitFor(() => this.ann.messages().find((m) => m.text?.includes(text) && !m.reply_markup));
  }

  /** The message as it looks now. */
  now(message: SeenMessage, person = this.ann): SeenMessage {
    const found = person.messages(message.chat.id).find(({ message_id }) => message_id === message.message_id);
    if (!found) throw new Error(`Message ${message.message_id} is gone.`);
    return found;
  }
}

/** A line that the running test closes when it has finished. */
export async function telegramLine(): Promise<TelegramLine> {
  const api = await startBotApi();
  const line = new TelegramLine(api);
  onTestFinished(async () => {
    await line.stop();
    await api.close();
  });
  return line;
}

/** The line of the running test, in a file that has said `lineForEachTest()`. */
export let line: TelegramLine;
export let api: BotApi;
export let desk: MemoryDesk;
export let ann: Person;
export let bob: Person;

/** Gives each test of a file a line of its own, not started yet. */
export function lineForEachTest(): void {
  beforeEach(async () => {
    line = await telegramLine();
    ({ api, desk, ann, bob } = line);
  });
}

export const yesNo = { options: [{ label: 'Yes' }, { label: 'No' }] };

/** Something that a test lets happen when it wants. */
export function openLater(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

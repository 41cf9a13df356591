import { bold, fmt } from 'telegraf/format';
import { preview } from '../../domain/text.ts';
import type { Card } from '../../relay/channel.ts';
import type { Logger } from '../../runtime/log.ts';
import type { StateFile } from '../../runtime/state-file.ts';
import type { Timings } from '../../runtime/timings.ts';
import { encodeAction } from './callback-data.ts';
import type { Outgoing } from './card-message.ts';
import { Later } from './later.ts';
import type { Messenger } from './messenger.ts';
import { button } from './options-keyboard.ts';
import { URGENCY } from './outbox.ts';
import { joined } from './rich-text.ts';
import { BUTTONS, ICONS, WORDS } from './words.ts';

/** Where the number of open questions stands at the top of the chat. `auto`: in groups only. */
export type InboxMode = 'on' | 'off' | 'auto';

const SECTION = 'inbox';
const SESSIONS_SHOWN_MAX = 8;
const TITLE_CHARS_MAX = 60;

interface InboxParts {
  readonly messenger: Messenger;
  readonly mode: InboxMode;
  /** The chats that see every question. */
  readonly chats: () => readonly string[];
  /** Open questions, oldest first. */
  readonly pending: () => readonly Card[];
  readonly state: StateFile;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'telegramQuiet'>;
  readonly signal: AbortSignal;
}

/**
 * One message a chat that says how many questions wait, pinned to the top without a sound, and edited as they come and
 * go. Cards go first: it is brought up to date when the chat has been given some quiet.
 */
export class Inbox {
  readonly #parts: InboxParts;
  readonly #later: Later;
  /** Chats whose inbox is being brought up to date, and whether there was news meanwhile. */
  readonly #busy = new Map<string, boolean>();

  constructor(parts: InboxParts) {
    this.#parts = parts;
    this.#later = new Later(parts.timings.telegramQuiet, parts.signal);
  }

  /** A question has come or gone. */
  changed(): void {
    // A chat that is no inbox's place any more may still have an old one.
    for (const chat of new Set([...this.#parts.chats(), ...Object.keys(this.#known())])) {
      this.#later.call(chat, () => void this.#bringUpToDate(chat));
    }
  }

  async #bringUpToDate(chat: string): Promise<void> {
    if (this.#busy.has(chat)) {
      this.#busy.set(chat, true);
      return;
    }
    this.#busy.set(chat, false);
    try {
      await (this.#wanted(chat) ? this.#show(chat) : this.#takeDown(chat));
    } catch (error) {
      if (!this.#parts.signal.aborted) this.#parts.log.warn({ error: String(error) }, 'an inbox could not be shown');
    }
    const news = this.#busy.get(chat) === true;
    this.#busy.delete(chat);
    if (news) this.#later.call(chat, () => void this.#bringUpToDate(chat));
  }

  #wanted(chat: string): boolean {
    const { mode, chats } = this.#parts;
    // Telegram gives groups negative ids.
    return chats().includes(chat) && (mode === 'on' || (mode === 'auto' && chat.startsWith('-')));
  }

  async #show(chat: string): Promise<void> {
    const { messenger, pending } = this.#parts;
    const known = this.#known()[chat];
    if (known !== undefined) {
      const result = await messenger.edit(chat, known, inboxMessage(pending()), URGENCY.list);
      if (result === 'changed') return;
      this.#remember(chat, undefined);
    }
    // An empty one is not begun: who has no question needs no message.
    if (pending().length === 0) return;
    const [messageId] = await messenger.inLine(chat, 'inbox', URGENCY.list, (turn) =>
      messenger.sendNow(chat, [inboxMessage(pending())], turn),
    );
    if (messageId === undefined) return;
    this.#remember(chat, messageId);
    await this.#pin(chat, messageId);
  }

  /** An inbox that cannot be pinned is one all the same. */
  async #pin(chat: string, message_id: number): Promise<void> {
    const payload = { chat_id: chat, message_id, disable_notification: true };
    await this.#parts.messenger.call('pinChatMessage', payload, { chat }).catch((error: unknown) => {
      this.#parts.log.info({ chat, error: String(error) }, 'the inbox could not be pinned');
    });
  }

  async #takeDown(chat: string): Promise<void> {
    const { messenger } = this.#parts;
    const known = this.#known()[chat];
    if (known === undefined) return;
    await messenger.edit(chat, known, { text: fmt(WORDS.inboxOff) }, URGENCY.list);
    this.#remember(chat, undefined);
    const payload = { chat_id: chat, message_id: known };
    await messenger.call('unpinChatMessage', payload, { chat }).catch((error: unknown) => {
      this.#parts.log.debug({ chat, error: String(error) }, 'an old inbox could not be unpinned');
    });
  }

  #remember(chat: string, messageId: number | undefined): void {
    const { [chat]: _, ...others } = this.#known();
    this.#parts.state.set(SECTION, messageId === undefined ? others : { ...others, [chat]: messageId });
  }

  #known(): Record<string, number> {
    const kept = this.#parts.state.get(SECTION);
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
    );
  }
}

/** How many questions wait, and whose. Says nothing that changes by itself, such as an age. */
export function inboxMessage(pending: readonly Card[]): Outgoing {
  if (pending.length === 0) return { text: fmt`${ICONS.inbox} ${WORDS.inboxEmpty}`, silent: true };
  const counts = new Map<string, number>();
  for (const { session } of pending) counts.set(session.title, (counts.get(session.title) ?? 0) + 1);
  const shown = [...counts].slice(0, SESSIONS_SHOWN_MAX);
  const lines = shown.map(([title, count]) => WORDS.inboxLine(preview(title, TITLE_CHARS_MAX), count));
  const more = counts.size - shown.length;
  return {
    text: joined(
      [
        fmt`${ICONS.inbox} ${bold(WORDS.inbox(pending.length))}`,
        ...lines,
        ...(more > 0 ? [WORDS.inboxMore(more)] : []),
      ],
      '\n',
    ),
    buttons: { inline_keyboard: [[button(BUTTONS.showPending, encodeAction({ verb: 'list' }))]] },
    silent: true,
  };
}

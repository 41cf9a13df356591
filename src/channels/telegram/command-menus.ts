import type { Logger } from '../../runtime/log.ts';
import { type BotClient, CALL_MS_MAX } from './bot-client.ts';
import { COMMANDS } from './words.ts';

/** The commands that an owner's app offers, in the owner's own chat or in a group; nobody else's app offers any. */
export class CommandMenus {
  readonly #client: BotClient;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  /** Whom the menu was set for already, by chat and person. */
  readonly #set = new Set<string>();

  constructor(client: BotClient, log: Logger, signal: AbortSignal) {
    this.#client = client;
    this.#log = log;
    this.#signal = signal;
  }

  /** Sets the menus of these owners, and takes those of all others away. `group`: where else owners write. */
  async offerTo(owners: readonly string[], group: string | undefined): Promise<void> {
    const wanted = owners.flatMap((owner) =>
      [owner, ...(group === undefined ? [] : [group])].map((chat) => [chat, owner]),
    );
    for (const [chat = '', owner = ''] of wanted) await this.offer(chat, owner);
    const keys = new Set(wanted.map(([chat, owner]) => `${chat}:${owner}`));
    for (const key of [...this.#set].filter((each) => !keys.has(each))) await this.#withdraw(key);
  }

  /**
   * Sets the menu of an owner in a chat, once. Telegram refuses it until the person has opened the bot, so it is tried
   * again whenever the owner writes; without a menu everything works all the same.
   */
  async offer(chat: string, owner: string): Promise<void> {
    const key = `${chat}:${owner}`;
    if (this.#set.has(key)) return;
    this.#set.add(key);
    try {
      await this.#client.call(
        'setMyCommands',
        { commands: COMMANDS, scope: scopeOf(chat, owner), language_code: undefined },
        { signal: this.#signal, timeoutMs: CALL_MS_MAX },
      );
    } catch (error) {
      this.#set.delete(key);
      this.#log.debug({ error: String(error) }, 'the menu of commands could not be set');
    }
  }

  async #withdraw(key: string): Promise<void> {
    const [chat = '', person = ''] = key.split(':');
    this.#set.delete(key);
    try {
      await this.#client.call(
        'deleteMyCommands',
        { scope: scopeOf(chat, person), language_code: undefined },
        { signal: this.#signal, timeoutMs: CALL_MS_MAX },
      );
    } catch (error) {
      this.#log.debug({ error: String(error) }, 'the menu of commands could not be taken away');
    }
  }
}

/** A private chat has the id of its person. In a group the menu is that of one member. */
function scopeOf(chat: string, person: string) {
  return chat === person
    ? ({ type: 'chat', chat_id: Number(chat) } as const)
    : ({ type: 'chat_member', chat_id: Number(chat), user_id: Number(person) } as const);
}

import type { Chats } from './chats.ts';
import { integer } from './parameters.ts';
import { badRequest, type Payload } from './wire.ts';

const COMMANDS_MAX = 100;

/** Refuses commands that Telegram does not take. */
export function checkCommands(commands: unknown): void {
  if (!Array.isArray(commands) || commands.length > COMMANDS_MAX) throw badRequest("can't parse commands");
  for (const { command, description } of commands as Record<string, unknown>[]) {
    if (!/^[a-z0-9_]{1,32}$/.test(String(command))) throw badRequest('BOT_COMMAND_INVALID');
    if (typeof description !== 'string' || description.length < 1 || description.length > 256) {
      throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    }
  }
}

/** Whom commands are for: `''` everybody, `7` a chat, `-100:7` a member of a group. Refuses chats that do not exist. */
export function commandScope({ chats }: { readonly chats: Chats }, scope: unknown): string {
  if (scope === undefined) return '';
  const { type } = scope as Payload;
  if (type === 'default') return '';
  const chat = integer(scope as Payload, 'chat_id');
  if (type === 'chat') return String(chats.reach(chat).chat.id);
  const member = integer(scope as Payload, 'user_id');
  if (type !== 'chat_member' || member === undefined) throw badRequest('unsupported type of BotCommandScope');
  if (chats.reach(chat).chat.type === 'private') throw badRequest("can't change commands of a private chat member");
  return `${chat}:${member}`;
}

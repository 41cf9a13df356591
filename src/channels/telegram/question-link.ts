import { link } from 'telegraf/format';
import type { MessageEntity } from 'telegraf/types';
import type { QuestionId } from '../../domain/ids.ts';
import { packId, unpackId } from './callback-data.ts';
import type { RichText } from './rich-text.ts';

// Every message about a question carries the question's id in a link on its icon. So a reply finds its question
// whatever became of the hub or of the card since: no table of message ids, nothing to lose in a restart. Telegram
// tells what a reply replies to one level deep only, so a forced-reply prompt must carry the id itself, too.

const PREFIX = 'q_';
// A prompt for a PIN carries the option, too, under a mark of its own: its reply is a PIN and nothing else, ever.
const PIN_LINK = /^https:\/\/t\.me\/[^/?]+\/?\?start=p_([A-Za-z0-9_-]{22})_(\d{1,2})$/;
const LINK = /^https:\/\/t\.me\/[^/?]+\/?\?start=q_([A-Za-z0-9_-]{22})$/;

/** An icon that carries the question's id; pressing it opens the bot, which then shows the question. */
export function iconOf(icon: string, question: QuestionId, botName: string): RichText {
  return link(icon, `https://t.me/${botName}?start=${PREFIX}${packId(question)}`);
}

/** The question that a message of the bot is about, or null when it is about none. */
export function linkedQuestion(entities: readonly MessageEntity[] | undefined): QuestionId | null {
  for (const entity of entities ?? []) {
    const packed = entity.type === 'text_link' ? LINK.exec(entity.url)?.[1] : undefined;
    const question = packed === undefined ? null : unpackId(packed);
    if (question) return question;
  }
  return null;
}

/** What a PIN is for: this option of a dangerous permission. */
export interface PinFor {
  readonly question: QuestionId;
  readonly option: number;
}

/** An icon that says what a PIN is asked for. */
export function pinIconOf(icon: string, { question, option }: PinFor, botName: string): RichText {
  return link(icon, `https://t.me/${botName}?start=p_${packId(question)}_${option}`);
}

/**
 * What a message of the bot asks a PIN for, or null when it asks for none. Only its very first sign counts: what a session
 * says may have links, too.
 */
export function linkedPin(entities: readonly MessageEntity[] | undefined): PinFor | null {
  const icon = entities?.find(({ offset }) => offset === 0);
  const [, packed, option] = (icon?.type === 'text_link' && PIN_LINK.exec(icon.url)) || [];
  const question = packed === undefined ? null : unpackId(packed);
  return question && { question, option: Number(option) };
}

/** The question that the link's `/start` names, or null when it is another `/start`. */
export function startedQuestion(argument: string): QuestionId | null {
  return argument.startsWith(PREFIX) ? unpackId(argument.slice(PREFIX.length)) : null;
}

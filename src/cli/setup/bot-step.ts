import { join } from 'node:path';
import type { BotIdentity } from '../../channels/telegram/bot-client.ts';
import { ConfigError } from '../../runtime/config-file.ts';
import { withoutBot } from '../hub-advice.ts';
import { askWhoTheBotIs, BotUnknownError } from '../pairing.ts';
import { printable } from '../terminal.ts';
import { changeKeys, readKey } from './file-change.ts';
import { Cancelled, UnattendedError } from './front.ts';
import { offerChange, type Scene, settingsOf } from './scene.ts';

/** What may stand in the environment of a set-up and belongs into `config.json`, where every hub finds it. */
const KEPT_KEYS = ['TELEGRAM_OWNER_ID', 'TELEGRAM_CHAT_ID', 'TELEGRAM_API_ROOT'] as const;

const HOW_TO_GET_ONE = [
  'A bot of your own brings the questions to your phone:',
  '  1. In Telegram, open @BotFather (https://t.me/BotFather) and send /newbot',
  '  2. Give it a name, and a username that ends in "bot"',
  '  3. Copy the token that it answers with: digits, a colon, letters',
];

/**
 * Takes the bot's token, asks Telegram whether it is right, and puts it into `config.json`. Null: no bot is set up.
 *
 * @throws UnattendedError when nobody can be asked and the token is refused, or nobody is an owner.
 */
export async function setUpBot(scene: Scene): Promise<BotIdentity | null> {
  const { front } = scene;
  const { telegram } = settingsOf(scene);
  if (telegram) {
    const bot = await ask(scene, telegram.token);
    if (bot && (await front.confirm(`Use the bot @${printable(bot.username)}, which is set up already?`))) {
      return keepBot(scene, bot, telegram.token);
    }
  } else if (!front.attended) {
    front.say(`TELEGRAM_BOT_TOKEN is not set: ${withoutBot(settingsOf(scene))}.`);
    return null;
  }
  front.say(...HOW_TO_GET_ONE, `Without a bot, ${withoutBot(settingsOf(scene))}.`);
  for (;;) {
    const typed = await front.secret('The token (hidden; press Enter without one to go on without Telegram)', (text) =>
      shapeFault(scene, text),
    );
    if (typed === '') return null;
    const bot = await ask(scene, typed);
    if (bot) return keepBot(scene, bot, typed);
  }
}

/** Who the bot is; null when Telegram does not say, and why was said. */
async function ask(scene: Scene, token: string): Promise<BotIdentity | null> {
  const { front, signal } = scene;
  const config = settingsOf(scene, { TELEGRAM_BOT_TOKEN: token });
  if (!config.telegram) return null;
  try {
    return await askWhoTheBotIs(config, config.telegram, signal);
  } catch (error) {
    if (!(error instanceof BotUnknownError)) throw error;
    if (signal.aborted) throw new Cancelled();
    if (!front.attended) throw new UnattendedError(error.message);
    front.warn(error.message);
    return null;
  }
}

async function keepBot(scene: Scene, bot: BotIdentity, token: string): Promise<BotIdentity | null> {
  const { front, env, home } = scene;
  const path = join(home, 'config.json');
  const owners = settingsOf(scene, { TELEGRAM_BOT_TOKEN: token }).telegram?.ownerIds ?? [];
  if (!front.attended && owners.length === 0) {
    throw new UnattendedError(
      'TELEGRAM_OWNER_ID is not set, so nobody could answer; set it to your numeric Telegram user id.',
    );
  }
  front.say(`Telegram knows the token: the bot is @${printable(bot.username)}.`);
  if (env.TELEGRAM_BOT_TOKEN && env.TELEGRAM_BOT_TOKEN !== token) {
    front.warn('TELEGRAM_BOT_TOKEN is set in this terminal, too, and wins over config.json: unset it there.');
  }
  const wanted = [
    ['TELEGRAM_BOT_TOKEN', token] as const,
    ...KEPT_KEYS.map((key) => [key, env[key]?.trim() ?? ''] as const).filter(([, value]) => value !== ''),
  ];
  const keys = wanted
    .filter(([key, value]) => String(readKey(path, [key]) ?? '') !== value)
    .map(([key, value]) => ({ key: [key], value }));
  const outcome = await offerChange(scene, { change: changeKeys(path, keys), keys, what: 'The bot' });
  if (outcome === 'declined') {
    front.warn('The bot is not set up: config.json stays as it is.');
    return null;
  }
  if (outcome === 'nothing to change') front.say(`Nothing to change in ${path}.`);
  return bot;
}

/** Why a text cannot be a token; undefined when it can, or nothing was typed. */
function shapeFault(scene: Scene, text: string): string | undefined {
  if (text === '') return undefined;
  try {
    settingsOf(scene, { TELEGRAM_BOT_TOKEN: text });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return 'A token is digits, a colon, letters and digits. Try again.';
    throw error;
  }
}

import type { Config } from '../runtime/config.ts';

/** What a person who starts a hub has to know about its channels; empty when everything is set up. */
export function setupAdvice({ telegram, home }: Pick<Config, 'telegram' | 'home'>): string[] {
  if (!telegram) {
    return [
      'No Telegram bot is set up yet, so questions reach nobody by phone. To get one:',
      '  1. In Telegram, write /newbot to @BotFather; it gives you a token.',
      '  2. Learn your own numeric id, e.g. from @userinfobot.',
      '  3. Put both into the environment as TELEGRAM_BOT_TOKEN and TELEGRAM_OWNER_ID, or into',
      `     ${home}/config.json (chmod 600), and start the hub again.`,
      'Meanwhile `switchboard status` lists open questions and `switchboard answer <question-id> <text>` answers one.',
    ];
  }
  if (telegram.ownerIds.length === 0) {
    return [
      'TELEGRAM_OWNER_ID is not set: the bot runs, but nobody can see or answer questions there.',
      'Set it to your numeric Telegram user id (e.g. from @userinfobot) and start the hub again.',
    ];
  }
  return [];
}

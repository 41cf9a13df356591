import type { Config } from '../runtime/config.ts';

/** How to get a bot and where its token goes. */
export function tokenAdvice(home: string): string[] {
  return [
    '  `switchboard setup` leads through it. Or by hand:',
    '  1. In Telegram, write /newbot to @BotFather; it gives you a token.',
    '  2. Put it into the environment as TELEGRAM_BOT_TOKEN, or as {"TELEGRAM_BOT_TOKEN": "…"} into',
    `     ${home}/config.json (chmod 600).`,
    '  3. Run `switchboard pair` and open the link that it prints.',
  ];
}

/** Who sees questions as long as there is no bot. */
export function withoutBot({ web }: Pick<Config, 'web'>): string {
  return web
    ? 'questions are shown in the web inbox of this computer alone'
    : 'WEB_PORT is off, too, so questions reach nobody by themselves';
}

/** What a person who starts a hub has to know about its channels; empty when everything is set up. */
export function setupAdvice({ telegram, web, home }: Pick<Config, 'telegram' | 'web' | 'home'>): string[] {
  if (!telegram) {
    return [
      web
        ? 'No Telegram bot is set up yet: questions are shown in the web inbox alone. To have them on your phone, too:'
        : 'No Telegram bot is set up yet and WEB_PORT is off, so questions reach nobody by themselves. To get a bot:',
      ...tokenAdvice(home),
      '`switchboard status` lists open questions and `switchboard answer <question-id> <text>` answers one.',
    ];
  }
  if (telegram.ownerIds.length === 0) {
    return ['TELEGRAM_OWNER_ID is not set: the bot runs, but nobody is heard there until somebody is paired.'];
  }
  return [];
}

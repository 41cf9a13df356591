/** The environment that programs of others get: none of them has any business with the bot's token or the PIN. */
export function environmentForOthers(): NodeJS.ProcessEnv {
  const { TELEGRAM_BOT_TOKEN: _, PERMISSION_PIN: __, ...environment } = process.env;
  return environment;
}

import type { Config } from '../runtime/config.ts';
import { ConfigError } from '../runtime/config-file.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import { listenForEndSignals } from '../runtime/signals.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { tokenAdvice } from './hub-advice.ts';
import { ownersAreFixed } from './owners.ts';
import { askWhoTheBotIs, inviteAndWait } from './pairing.ts';
import { printError } from './terminal.ts';

/**
 * Prints a code with which somebody becomes an owner, waits until it is used, and says who used it. The hub hears the
 * person: one that runs already, or one that is started here. This process never polls.
 */
export async function pair(config: Config): Promise<ExitCode> {
  const { telegram, home } = config;
  if (!telegram) {
    printError('No Telegram bot is set up yet.', ...tokenAdvice(home));
    return EXIT.usage;
  }
  if (ownersAreFixed(process.env)) {
    throw new ConfigError(
      'TELEGRAM_OWNER_ID is set in the environment, which wins over config.json: unset it, or add the id there.',
    );
  }
  makePrivateDirectory(home);
  const end = new AbortController();
  const stopListening = listenForEndSignals(() => end.abort());
  try {
    const bot = await askWhoTheBotIs(config, telegram, end.signal);
    return (await inviteAndWait(config, bot, end.signal)) ? EXIT.ok : EXIT.failed;
  } finally {
    stopListening();
  }
}

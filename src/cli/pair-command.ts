import { setTimeout as sleep } from 'node:timers/promises';
import { BotClient, BotFault, type BotIdentity, CALL_MS_MAX } from '../channels/telegram/bot-client.ts';
import { SwitchboardError } from '../domain/errors.ts';
import { type Config, ConfigError } from '../runtime/config.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import { closePairing, isExpired, type Pairing, readPairing } from '../runtime/pairing.ts';
import { listenForEndSignals } from '../runtime/signals.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { tokenAdvice } from './hub-advice.ts';
import { HubKeeper, type RunningHub } from './hub-keeper.ts';
import { printInvitation } from './invitation.ts';
import { ownersAreFixed } from './owners.ts';
import { print, printable, printError } from './terminal.ts';

const LOOK_MS = 200;
const HUB_LOOK_MS = 2_000;
// A hub that has just been started, or takes up new settings, needs a moment until it has its bot.
const HUB_SETTLES_MS = 5_000;
const ASK_ATTEMPTS_MAX = 3;

/** Telegram does not say who the bot is, so there is no link to print; nothing was changed. */
class BotUnknownError extends SwitchboardError {
  override readonly name = 'BotUnknownError';
  readonly code = 'BOT_UNKNOWN';
}

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
    const pairing = printInvitation(home, bot);
    try {
      return await waitForSomebody(config, pairing, end.signal);
    } finally {
      closePairing(home, pairing);
    }
  } finally {
    stopListening();
  }
}

async function askWhoTheBotIs(
  { proxy, timings }: Config,
  { token, apiRoot }: NonNullable<Config['telegram']>,
  signal: AbortSignal,
): Promise<BotIdentity> {
  const client = new BotClient(token, apiRoot, proxy);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.call('getMe', {}, { signal, timeoutMs: CALL_MS_MAX });
      } catch (error) {
        const { kind, message } = error instanceof BotFault ? error : new BotFault('server', 'an unexpected error');
        if (kind === 'token') {
          throw new BotUnknownError('Telegram refuses the bot token; get the right one from @BotFather.');
        }
        if (attempt >= ASK_ATTEMPTS_MAX || signal.aborted) {
          throw new BotUnknownError(`Telegram cannot be reached (${message}); nothing was changed. Try again later.`);
        }
        await sleep(timings.retryMin);
      }
    }
  } finally {
    client.close();
  }
}

/** Looks until the code was used, cannot be used any more, or nobody waits for it any more. */
async function waitForSomebody(config: Config, pairing: Pairing, signal: AbortSignal): Promise<ExitCode> {
  const keepHub = new HubKeeper(config, Math.min(HUB_LOOK_MS, config.timings.slowLook), troubleTeller());
  for (;;) {
    const now = readPairing(config.home);
    if (now?.hash !== pairing.hash) {
      printError('Another code was made meanwhile; this one is void.');
      return EXIT.failed;
    }
    if (now.outcome) return tellOutcome(now);
    if (signal.aborted) {
      printError('The code is void now.');
      return EXIT.failed;
    }
    if (!now.taken_by && isExpired(now, Date.now())) {
      printError('Nobody has used the code, and it has expired. `switchboard pair` prints a new one.');
      return EXIT.failed;
    }
    if (!(await keepHub.look())) return EXIT.failed;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

function tellOutcome({ taken_by, outcome }: Pairing): ExitCode {
  const who = `${printable(taken_by?.name ?? '')} (id ${taken_by?.id})`;
  if (outcome === 'owner') {
    print('', `${who} is an owner now. \`switchboard owners\` lists all.`);
    return EXIT.ok;
  }
  printError('', `${who} has used the code, but is no owner: ${printable(outcome?.failed ?? '')}`);
  return EXIT.failed;
}

/** Says what keeps the hub from hearing the bot, each trouble once. */
function troubleTeller(): (hub: RunningHub) => void {
  const startedAt = performance.now();
  let told = '';
  return ({ hub: { pid }, channels }) => {
    const telegram = channels.find(({ name }) => name === 'telegram');
    if (telegram?.ok || performance.now() - startedAt < HUB_SETTLES_MS) return;
    const trouble = telegram
      ? `The hub cannot hear you yet: ${printable(telegram.detail)}.`
      : `The hub that runs has no Telegram bot: it was started with other settings. End it, and another starts: kill ${pid}`;
    if (trouble !== told) printError(trouble);
    told = trouble;
  };
}

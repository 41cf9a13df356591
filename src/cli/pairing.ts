import { setTimeout as sleep } from 'node:timers/promises';
import { BotClient, BotFault, type BotIdentity, CALL_MS_MAX } from '../channels/telegram/bot-client.ts';
import { SwitchboardError } from '../domain/errors.ts';
import type { Config } from '../runtime/config.ts';
import { closePairing, isExpired, type Pairing, readPairing } from '../runtime/pairing.ts';
import { HubKeeper, type RunningHub } from './hub-keeper.ts';
import { printInvitation } from './invitation.ts';
import { print, printable, printError } from './terminal.ts';

const LOOK_MS = 200;
const HUB_LOOK_MS = 2_000;
// A hub that has just been started, or takes up new settings, needs a moment until it has its bot.
const HUB_SETTLES_MS = 5_000;
const ASK_ATTEMPTS_MAX = 3;

/** Telegram does not say who the bot is, so there is no link to print; nothing was changed. */
export class BotUnknownError extends SwitchboardError {
  override readonly name = 'BotUnknownError';
  readonly code = 'BOT_UNKNOWN';
}

/**
 * Asks Telegram who the bot is, several times if it cannot be reached.
 *
 * @throws BotUnknownError
 */
export async function askWhoTheBotIs(
  { proxy, timings }: Pick<Config, 'proxy' | 'timings'>,
  { token, apiRoot }: Pick<NonNullable<Config['telegram']>, 'token' | 'apiRoot'>,
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

/**
 * Prints a code, and waits until somebody has become an owner with it: true. False: nobody has, and why was said. An
 * aborted signal makes the code void.
 */
export async function inviteAndWait(config: Config, bot: BotIdentity, signal: AbortSignal): Promise<boolean> {
  const pairing = printInvitation(config.home, bot);
  try {
    return await waitForSomebody(config, pairing, signal);
  } finally {
    closePairing(config.home, pairing);
  }
}

/** Looks until the code was used, cannot be used any more, or nobody waits for it any more. */
async function waitForSomebody(config: Config, pairing: Pairing, signal: AbortSignal): Promise<boolean> {
  const keepHub = new HubKeeper(config, Math.min(HUB_LOOK_MS, config.timings.slowLook), troubleTeller());
  for (;;) {
    const now = readPairing(config.home);
    if (now?.hash !== pairing.hash) {
      printError('Another code was made meanwhile; this one is void.');
      return false;
    }
    if (now.outcome) return tellOutcome(now);
    if (signal.aborted) {
      printError('The code is void now.');
      return false;
    }
    if (!now.taken_by && isExpired(now, Date.now())) {
      printError('Nobody has used the code, and it has expired. `switchboard pair` prints a new one.');
      return false;
    }
    if (!(await keepHub.look())) return false;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

function tellOutcome({ taken_by, outcome }: Pairing): boolean {
  const who = `${printable(taken_by?.name ?? '')} (id ${taken_by?.id})`;
  if (outcome === 'owner') {
    print('', `${who} is an owner now. \`switchboard owners\` lists all.`);
    return true;
  }
  printError('', `${who} has used the code, but is no owner: ${printable(outcome?.failed ?? '')}`);
  return false;
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

import { setTimeout as sleep } from 'node:timers/promises';
import { BotClient, BotFault } from '../../channels/telegram/bot-client.ts';
import { spanText } from '../../domain/text.ts';
import type { Config } from '../../runtime/config.ts';
import type { Probe } from '../../runtime/hub-probe.ts';
import { withoutBot } from '../hub-advice.ts';
import { findHub } from '../running-hub.ts';
import { printable } from '../terminal.ts';
import type { Finding } from './finding.ts';

const CALL_MS_MAX = 4_000;
// Who polls comes back at once, or after a second or two, when another poll has ended theirs.
const POLL_MS_MAX = 3_000;
const CLOCK_MS_MAX = 60_000;
const HUB_SETTLES_MS = 5_000;
const LOOK_MS = 100;

type Telegram = NonNullable<Config['telegram']>;

interface Parts {
  readonly config: Config;
  readonly telegram: Telegram;
  readonly client: BotClient;
  readonly signal: AbortSignal;
}

/** Everything between here and the phone: server, clock, token, owners, chats, and nobody else polling. */
export async function checkTelegram(config: Config, hub: Probe, signal: AbortSignal): Promise<Finding[]> {
  const { telegram, proxy } = config;
  if (!telegram) {
    const found = { id: 'telegram', title: 'Telegram', detail: `no bot is set up: ${withoutBot(config)}` };
    return [{ ...found, status: config.web ? 'ok' : 'warn', next: 'To get them on your phone: switchboard setup' }];
  }
  const client = new BotClient(telegram.token, telegram.apiRoot, proxy);
  const parts: Parts = { config, telegram, client, signal };
  try {
    const [reached, ...clock] = await checkServer(parts);
    if (reached.status === 'fail') return [reached];
    const token = await checkToken(parts);
    if (token.status === 'fail') return [reached, ...clock, token];
    const [chats, polling] = await Promise.all([checkChats(parts), checkPolling(parts, hub)]);
    return [reached, ...clock, token, checkOwners(telegram), ...chats, polling];
  } finally {
    client.close();
  }
}

async function checkServer({ telegram, client, signal }: Parts): Promise<[Finding, ...Finding[]]> {
  const found = { id: 'bot-api', title: 'Bot API' };
  const began = performance.now();
  let date: Date | null;
  try {
    date = await client.serverDate({ signal, timeoutMs: CALL_MS_MAX });
  } catch (error) {
    const next = 'Is this machine online? Behind a proxy, set HTTPS_PROXY.';
    return [
      { ...found, status: 'fail', detail: `${hostOf(telegram)} cannot be reached: ${faultOf(error).message}`, next },
    ];
  }
  const answered: Finding = {
    ...found,
    status: 'ok',
    detail: `${hostOf(telegram)} answers in ${Math.round(performance.now() - began)} ms`,
  };
  if (!date) return [answered];
  const off = Date.now() - date.getTime();
  const clock = { id: 'clock', title: 'Clock' };
  if (Math.abs(off) <= CLOCK_MS_MAX) return [answered, { ...clock, status: 'ok', detail: 'agrees with the Bot API' }];
  const detail = `${spanText(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the Bot API`;
  return [answered, { ...clock, status: 'warn', detail, next: 'Set the clock: timedatectl set-ntp true' }];
}

async function checkToken({ client, signal }: Parts): Promise<Finding> {
  const found = { id: 'token', title: 'Bot' };
  try {
    const { username } = await client.call('getMe', {}, { signal, timeoutMs: CALL_MS_MAX });
    return { ...found, status: 'ok', detail: `@${printable(username)}` };
  } catch (error) {
    const { kind, message } = faultOf(error);
    return kind === 'token'
      ? {
          ...found,
          status: 'fail',
          detail: 'Telegram refuses the token',
          next: 'Take the right one: switchboard setup',
        }
      : {
          ...found,
          status: 'fail',
          detail: `Telegram does not say who the bot is: ${message}`,
          next: 'Try again later.',
        };
  }
}

function checkOwners({ ownerIds }: Telegram): Finding {
  const found = { id: 'owner', title: 'Owner' };
  return ownerIds.length > 0
    ? { ...found, status: 'ok', detail: ownerIds.join(', ') }
    : {
        ...found,
        status: 'fail',
        detail: 'nobody is one, so nobody is heard',
        next: 'Pair your phone: switchboard pair',
      };
}

/** Asks about the chats without writing into them. */
async function checkChats({ telegram, client, signal }: Parts): Promise<Finding[]> {
  const chats = telegram.chatId === undefined ? telegram.ownerIds : [telegram.chatId];
  return Promise.all(
    chats.map(async (chat): Promise<Finding> => {
      const found = { id: `chat:${chat}`, title: 'Chat' };
      try {
        await client.call('getChat', { chat_id: chat }, { signal, timeoutMs: CALL_MS_MAX });
        return { ...found, status: 'ok', detail: `${chat} can be reached` };
      } catch (error) {
        const next =
          telegram.chatId === undefined ? 'Open the bot in Telegram and press Start.' : 'Add the bot to the group.';
        return {
          ...found,
          status: 'fail',
          detail: `${chat} cannot be reached: ${printable(faultOf(error).message)}`,
          next,
        };
      }
    }),
  );
}

/** Do updates come to this home's hub, or would they to the next one? A hub of ours is not disturbed. */
async function checkPolling(parts: Parts, seen: Probe): Promise<Finding> {
  const { config, telegram, client, signal } = parts;
  const hub = await settledHub(config.home, seen, signal);
  const found = { id: 'polling', title: 'Updates' };
  const info = await client.call('getWebhookInfo', {}, { signal, timeoutMs: CALL_MS_MAX }).catch(() => null);
  const url = info?.url ?? '';
  if (hub.found === 'hub') {
    const { pid } = hub.hub;
    const report = hub.channels.find(({ name }) => name === 'telegram');
    if (!report) {
      const next = `End it, and another starts: kill ${pid}`;
      return { ...found, status: 'fail', detail: 'the hub that runs has no bot: it has other settings', next };
    }
    if (url !== '' && !telegram.webhook) {
      const detail = 'a webhook is set for this bot, so the hub gets nothing: another program uses its token';
      return {
        ...found,
        status: 'fail',
        detail,
        next: `End that program, then: kill ${pid} (the next hub removes it)`,
      };
    }
    const detail = printable(report.detail);
    if (report.ok) return { ...found, status: 'ok', detail };
    return { ...found, status: 'fail', detail, next: `See ${config.home}/hub.log` };
  }
  if (hub.found === 'silent') return { ...found, status: 'warn', detail: 'the hub does not answer, so nobody knows' };
  if (telegram.webhook) return { ...found, status: 'ok', detail: 'by webhook, as soon as a hub runs' };
  if (url !== '') {
    const next = 'End the other program, if one uses the token; the next hub removes the webhook.';
    return { ...found, status: 'warn', detail: 'a webhook is set for this bot, and no hub runs', next };
  }
  return { ...found, ...(await lookForPollers(parts)) };
}

/** A hub that has only just started needs a moment until its bot is connected. */
async function settledHub(home: string, seen: Probe, signal: AbortSignal): Promise<Probe> {
  let hub = seen;
  const connects = (): boolean =>
    hub.found === 'hub' &&
    Date.now() - Date.parse(hub.hub.since) < HUB_SETTLES_MS &&
    hub.channels.some(({ name, ok }) => name === 'telegram' && !ok);
  while (connects()) {
    await sleep(LOOK_MS, undefined, { signal });
    hub = await findHub(home);
  }
  return hub;
}

/**
 * A poll of our own ends that of anybody else, who comes back and ends ours: a conflict. What waits for the bot is not
 * confirmed, so nothing is lost by looking.
 */
async function lookForPollers(parts: Parts): Promise<Pick<Finding, 'status' | 'detail' | 'next'>> {
  const { config, client, signal } = parts;
  const seconds = Math.max(1, Math.round(Math.min(POLL_MS_MAX, config.timings.telegramPoll) / 1000));
  const payload = { offset: undefined, limit: 1, timeout: seconds, allowed_updates: undefined };
  try {
    await client.call('getUpdates', payload, { signal, timeoutMs: seconds * 1000 + CALL_MS_MAX });
    return { status: 'ok', detail: 'nobody else polls; the next hub will' };
  } catch (error) {
    const { kind, message } = faultOf(error);
    if (kind !== 'conflict')
      return { status: 'fail', detail: `Telegram gives none: ${message}`, next: 'Try again later.' };
    // A session may have started the hub meanwhile.
    if ((await findHub(config.home)).found === 'hub')
      return { status: 'ok', detail: 'a hub has just come up and polls' };
    const next = 'End the other program, or make a bot of your own for each: switchboard setup';
    return { status: 'fail', detail: 'somebody else polls with this token; each answer goes to one of the two', next };
  }
}

function hostOf({ apiRoot }: Telegram): string {
  return new URL(apiRoot).host;
}

function faultOf(error: unknown): BotFault {
  return error instanceof BotFault ? error : new BotFault('server', 'an unexpected error');
}

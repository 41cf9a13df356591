import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type BotApi, startBotApi } from '../../../test/support/bot-api/bot-api.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { type Config, loadConfig } from '../../runtime/config.ts';
import type { Probe } from '../../runtime/hub-probe.ts';
import type { ChannelReport } from '../../runtime/hub-wire.ts';
import { TIMINGS } from '../../runtime/timings.ts';
import { checkTelegram } from './telegram-checks.ts';

const NOBODY: Probe = { found: 'nobody' };

async function botApi(): Promise<BotApi> {
  const api = await startBotApi();
  onTestFinished(() => api.close());
  api.user(7, 'Ada');
  return api;
}

function configOf(apiRoot: string, telegram: Partial<NonNullable<Config['telegram']>> = {}): Config {
  return {
    ...loadConfig({ SWITCHBOARD_HOME: temporaryDirectory() }),
    telegram: { token: '4242:wrong_wrong_wrong', ownerIds: ['7'], apiRoot, ...telegram },
    timings: { ...TIMINGS, telegramPoll: 1_000 },
  };
}

const hubWith = (...channels: ChannelReport[]): Probe => {
  const since = '2026-11-20T10:00:00.000Z';
  const where = { host: '', boot_id: null, pid_namespace: null, process_started_at: null };
  return { found: 'hub', hub: { pid: 99, version: '0.1.0', since, ...where }, channels };
};

const telegram = (ok: boolean, detail: string): ChannelReport => ({ name: 'telegram', ok, detail, since: '' });

/** What is not ok, by id. */
async function bad(config: Config, hub: Probe = NOBODY): Promise<Record<string, string>> {
  const found = await checkTelegram(config, hub, new AbortController().signal);
  expect(JSON.stringify(found)).not.toMatch(/secret_secret|wrong_wrong/);
  const wrong = found.filter(({ status }) => status !== 'ok');
  return Object.fromEntries(wrong.map(({ id, status, detail }) => [id, `${status}: ${detail}`]));
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the check of Telegram', () => {
  it('finds nothing wrong where nothing is, and writes to nobody', async () => {
    const api = await botApi();
    expect(await bad(configOf(api.root, { token: api.token }))).toEqual({});
    expect(api.requests.map(({ method }) => method).sort()).toEqual([
      'getChat',
      'getMe',
      'getUpdates',
      'getWebhookInfo',
    ]);
  });

  it('tells a wrong token, and asks no further', async () => {
    const api = await botApi();
    expect(await bad(configOf(api.root))).toEqual({ token: 'fail: Telegram refuses the token' });
  });

  it('tells owners who are missing, and chats that are closed', async () => {
    const api = await botApi();
    const { token, root } = api;
    expect(await bad(configOf(root, { token, ownerIds: [] }))).toEqual({
      owner: 'fail: nobody is one, so nobody is heard',
    });
    api.user(7, 'Ada').blocks();
    expect(await bad(configOf(root, { token, ownerIds: ['7', '8'] }))).toEqual({
      'chat:7': 'fail: 7 cannot be reached: 403 Forbidden: bot was blocked by the user',
      'chat:8': 'fail: 8 cannot be reached: 400 Bad Request: chat not found',
    });
    api.group(-100, 'Team');
    expect(await bad(configOf(root, { token, chatId: '-100' }))).toEqual({});
  });

  it('notices somebody else who polls, and confirms none of the updates that wait', async () => {
    const api = await botApi();
    const { token, root } = api;
    const config = configOf(root, { token });
    const end = new AbortController();
    const poll = async (): Promise<void> => {
      while (!end.signal.aborted) {
        const body = JSON.stringify({ timeout: 20 });
        const headers = { 'content-type': 'application/json' };
        const call = fetch(`${root}/bot${token}/getUpdates`, { method: 'POST', body, headers, signal: end.signal });
        await call.then((response) => response.text()).catch(() => undefined);
      }
    };
    const polling = poll();
    await api.waitFor(() => api.polled);
    expect(await bad(config)).toEqual({
      polling: 'fail: somebody else polls with this token; each answer goes to one of the two',
    });
    end.abort();
    await polling;
    api.user(7, 'Ada').says('An answer that waits');
    expect(await bad(config)).toEqual({});
    expect(api.unconfirmed).toBe(1);
  });

  it('notices a webhook that keeps the updates away', async () => {
    const api = await botApi();
    const config = configOf(api.root, { token: api.token });
    api.webhookUrl = 'https://example.org/hook';
    expect(await bad(config)).toEqual({ polling: 'warn: a webhook is set for this bot, and no hub runs' });
    const hub = hubWith(telegram(true, 'Connected'));
    expect((await bad(config, hub)).polling).toMatch(/^fail: a webhook is set for this bot, so the hub gets nothing/);
    const webhook = { url: 'https://example.org/hook', listen: { host: '127.0.0.1', port: 1 } };
    expect(await bad(configOf(api.root, { token: api.token, webhook }), hub)).toEqual({});
  });

  it('believes the hub that runs, and does not poll beside it', async () => {
    const api = await botApi();
    const config = configOf(api.root, { token: api.token });
    expect(await bad(config, hubWith(telegram(true, 'Connected')))).toEqual({});
    const conflict = hubWith(telegram(false, 'Somebody else polls'));
    expect(await bad(config, conflict)).toEqual({ polling: 'fail: Somebody else polls' });
    expect((await bad(config, hubWith())).polling).toMatch(/^fail: the hub that runs has no bot/);
    expect((await bad(config, { found: 'silent' })).polling).toMatch(/^warn/);
    expect(api.calls('getUpdates')).toEqual([]);
  });

  it('tells a server that is not there, and one that swallows everything', async () => {
    expect((await bad(configOf('http://127.0.0.1:9')))['bot-api']).toBe(
      'fail: 127.0.0.1:9 cannot be reached: ECONNREFUSED',
    );
    const began = performance.now();
    const hole = await serve(() => undefined);
    expect((await bad(configOf(hole)))['bot-api']).toContain('no answer within 4 s');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('compares the clock with that of the server', async () => {
    const anHourAgo = new Date(Date.now() - 3_600_000).toUTCString();
    const root = await serve((_, response) => response.setHeader('Date', anHourAgo).writeHead(404).end());
    expect((await bad(configOf(root))).clock).toMatch(/^warn: 1 h ahead of the Bot API$/);
  });
});

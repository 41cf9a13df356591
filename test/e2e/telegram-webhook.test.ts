import { request } from 'node:http';
import { createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../src/relay/channel.ts';
import {
  ann,
  api,
  type ChannelWishes,
  desk,
  line,
  lineForEachTest,
  openLater,
  yesNo,
} from '../support/telegram-line.ts';

const URL_OF_HOOK = 'https://hooks.example.org/telegram/inbox';
const SECRET = 'x-telegram-bot-api-secret-token';

lineForEachTest();
beforeEach(() => {
  // The reverse proxy in front of the hub.
  api.webhook.reach = ({ pathname }) => new URL(`http://127.0.0.1:${port() || 9}${pathname}`);
});

const wishes = (more: ChannelWishes = {}): ChannelWishes => ({
  webhook: { url: URL_OF_HOOK, listen: { host: '127.0.0.1', port: 0 } },
  ...more,
});

/** Where the hub says that it listens; 0 while it does not. */
function port(): number {
  const said = line.logged.findLast(({ message }) => message.startsWith('listening for the webhook'));
  return said ? (said.facts as { port: number }).port : 0;
}

// What the hub says of itself changes after the call that it learned it from.
const until = (condition: () => boolean) => expect.poll(condition, { interval: 2 }).toBe(true);
const well = (channel: Channel) => until(() => channel.health().ok);

async function listening(more: ChannelWishes = {}) {
  const channel = line.start(wishes(more));
  await well(channel);
  return channel;
}

/** What a bare HTTP client gets. */
function post(options: { method?: string; path?: string; headers?: Record<string, string>; body?: string }) {
  const { method = 'POST', path = '/telegram/inbox', headers = {}, body = '' } = options;
  return new Promise<number>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: port(), method, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const secret = () => String(api.calls('setWebhook').at(-1)?.payload.secret_token);

describe('a webhook', () => {
  it('is set with a secret and only the updates in use, and brings presses and texts without a single poll', async () => {
    const channel = await listening();
    expect(api.calls('setWebhook').map(({ payload }) => payload)).toEqual([
      {
        url: URL_OF_HOOK,
        secret_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        allowed_updates: ['message', 'edited_message', 'callback_query'],
        max_connections: 1,
      },
    ]);
    expect(channel.health().detail).toBe('Connected as @switchboard_test_bot by webhook');
    await desk.ask('Deploy?', yesNo);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    await desk.ask('Which name?');
    ann.says('Switchboard');
    await line.settled('Answer: Switchboard');
    expect(api.calls('getUpdates')).toEqual([]);
    await api.waitFor(() => api.unconfirmed === 0);
  });

  it('is answered 200 only once the answer is in the file', async () => {
    await listening();
    await desk.ask('Deploy?', yesNo);
    const gate = openLater();
    desk.answerGate = gate.opened;
    ann.presses(line.last(), 'Yes');
    await expect.poll(() => desk.causes.length, { interval: 2 }).toBe(1);
    expect(api.webhook.posts.map(({ status }) => status)).toEqual([null]);
    expect(api.unconfirmed).toBe(1);
    gate.open();
    await api.waitFor(() => api.unconfirmed === 0);
    expect(api.webhook.posts.map(({ status }) => status)).toEqual([200]);
  });

  it('gets again what came while no hub ran, or while one was killed in the middle', async () => {
    await listening();
    await desk.ask('Deploy?', yesNo);
    const card = line.last();
    desk.answerGate = new Promise(() => undefined);
    ann.presses(card, 'Yes');
    await expect.poll(() => desk.causes.length, { interval: 2 }).toBe(1);
    await line.stop();
    expect(api.unconfirmed).toBe(1);
    ann.says('/help');
    desk.answerGate = Promise.resolve();
    await listening();
    await line.settled('Answer: Yes');
    await line.seen('just write');
    expect(desk.answers).toHaveLength(1);
  });

  it('takes an update that comes twice at the same time as one', async () => {
    await listening();
    await desk.ask('Deploy?', yesNo);
    const gate = openLater();
    desk.answerGate = gate.opened;
    ann.presses(line.last(), 'Yes');
    await api.waitFor(() => api.webhook.posts.length === 1);
    const body = JSON.stringify(api.webhook.posts[0]?.update);
    const again = post({ headers: { [SECRET]: secret() }, body });
    gate.open();
    expect(await again).toBe(200);
    await line.settled('Answer: Yes');
    expect(desk.causes).toHaveLength(1);
  });

  it('lets nobody in who does not show the secret, and serves nothing else', async () => {
    await listening();
    await desk.ask('Deploy?', yesNo);
    const body = JSON.stringify({ update_id: 1, message: {} });
    const right = { [SECRET]: secret() };
    expect(await post({ body })).toBe(401);
    expect(await post({ body, headers: { [SECRET]: `${secret()}x` } })).toBe(401);
    expect(await post({ body, headers: { [SECRET]: secret().toLowerCase() } })).toBe(401);
    expect(await post({ body, headers: right, path: '/' })).toBe(404);
    expect(await post({ body, headers: right, path: '/telegram/inbox/more' })).toBe(404);
    expect(await post({ headers: right, method: 'GET' })).toBe(405);
    expect(await post({ body: 'no json', headers: right })).toBe(400);
    expect(await post({ body: '[]', headers: right })).toBe(400);
    expect(await post({ body, headers: { ...right, 'content-length': '9000000' } })).toBe(413);
    expect(desk.causes).toEqual([]);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
  });

  it('takes no body without end', async () => {
    await listening();
    const status = await new Promise<number | string>((resolve) => {
      const headers = { [SECRET]: secret(), 'transfer-encoding': 'chunked' };
      const sent = request({ host: '127.0.0.1', port: port(), method: 'POST', path: '/telegram/inbox', headers });
      sent.on('response', ({ statusCode }) => resolve(statusCode ?? 0));
      // It may hang up while the rest is still being sent.
      sent.on('error', () => resolve(413));
      for (let n = 0; n < 40; n += 1) sent.write('x'.repeat(64 * 1024));
    });
    expect(status).toBe(413);
  });

  it('has the same secret after a restart, so that what is under way is not refused; another bot has another', async () => {
    await listening();
    const before = secret();
    await line.stop();
    api.heal();
    await listening();
    expect(secret()).toBe(before);
    expect(before).not.toContain(api.token.split(':')[1]);
  });

  it('is set not more than once a second, also when Telegram asks to slow down', async () => {
    api.fail('setWebhook', { kind: 'status', code: 502 }, 2);
    await listening();
    const calls = api.calls('setWebhook');
    expect(calls.map(({ status }) => status)).toEqual([502, 502, 200]);
    for (const [n, { arrivedAt }] of calls.entries()) {
      if (n > 0) expect(Number(arrivedAt - calls[n - 1]!.arrivedAt) / 1e6).toBeGreaterThan(999);
    }
  });

  it('says in status when Telegram cannot reach it, and when it can again', async () => {
    const channel = await listening({ timings: { telegramPoll: 50 } });
    const { reach } = api.webhook;
    api.webhook.reach = () => new URL('http://127.0.0.1:9');
    ann.says('/help');
    await until(() => !channel.health().ok);
    expect(channel.health().detail).toBe('Telegram cannot reach the webhook: Connection refused');
    api.webhook.reach = reach;
    await line.seen('just write');
    await well(channel);
  });

  it('that another program has taken away is said so, and set again', async () => {
    const channel = await listening({ timings: { telegramPoll: 50 } });
    api.webhookUrl = '';
    await until(() => !channel.health().ok);
    expect(channel.health().detail).toContain('Another program');
    await until(() => api.webhookUrl === URL_OF_HOOK && channel.health().ok);
  });

  it('that Telegram refuses is said plainly, and the hub lives on', async () => {
    const channel = line.start(
      wishes({ webhook: { url: 'https://hooks.example.org:99/x', listen: { host: '127.0.0.1', port: 0 } } }),
    );
    await until(() => channel.health().detail.includes('ports 80, 88, 443 or 8443'));
    expect(channel.health().ok).toBe(false);
    await desk.ask('Shown all the same?');
  });

  it('whose port is taken says so, and listens as soon as it is free', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const taken = (squatter.address() as { port: number }).port;
    const channel = line.start(wishes({ webhook: { url: URL_OF_HOOK, listen: { host: '127.0.0.1', port: taken } } }));
    await expect
      .poll(() => channel.health().detail, { interval: 5 })
      .toBe(`The hub cannot listen at 127.0.0.1:${taken} (EADDRINUSE); TELEGRAM_WEBHOOK_LISTEN says where`);
    squatter.close();
    await well(channel);
    expect(port()).toBe(taken);
  });

  it('stays set when the hub ends, is deleted when the hub polls again, and what waits is never dropped', async () => {
    await listening();
    await desk.ask('Deploy?', yesNo);
    await line.stop();
    expect(api.webhookUrl).toBe(URL_OF_HOOK);
    ann.presses(line.last(), 'Yes');
    line.start();
    await line.settled('Answer: Yes');
    expect(api.webhookUrl).toBe('');
    const payloads = [...api.calls('setWebhook'), ...api.calls('deleteWebhook')].map(({ payload }) => payload);
    expect(payloads.every((payload) => !('drop_pending_updates' in payload))).toBe(true);
  });
});

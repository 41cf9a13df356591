import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openSilent, sendAndListen, sendRaw } from '../support/hostile-requests.ts';
import { type TelegramLine, telegramLine } from '../support/telegram-line.ts';

const URL_OF_HOOK = 'https://hooks.example.org/hook';

let line: TelegramLine;
let port: number;
let secret: string;
let forged: string;

beforeEach(async () => {
  line = await telegramLine();
  const { api, desk, ann } = line;
  const channel = line.start({ webhook: { url: URL_OF_HOOK, listen: { host: '127.0.0.1', port: 0 } } });
  await expect.poll(() => channel.health().ok, { interval: 2, timeout: 15_000 }).toBe(true);
  const said = line.logged.findLast(({ message }) => message.startsWith('listening for the webhook'));
  port = (said as { facts: { port: number } }).facts.port;
  secret = String(api.calls('setWebhook').at(-1)?.payload.secret_token);
  api.webhook.reach = ({ pathname }) => new URL(`http://127.0.0.1:${port}${pathname}`);
  await desk.ask('Deploy?', { options: [{ label: 'Yes' }, { label: 'No' }] });
  const card = line.last();
  const [[button] = []] = card.reply_markup?.inline_keyboard ?? [];
  const from = { id: ann.id, is_bot: false, first_name: 'Ann' };
  const callback_query = { id: 'forged', from, message: card, chat_instance: '1', data: button?.callback_data };
  forged = JSON.stringify({ update_id: 5_000, callback_query });
});

/** The forged press of the owner, with these headers. */
function request(headers: readonly string[], { target = '/hook', method = 'POST', body = forged } = {}): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [`${method} ${target} HTTP/1.1`, 'host: hooks.example.org', length, ...headers, '', body].join('\r\n');
}

/** What Telegram brings is still taken. */
async function works(): Promise<void> {
  line.ann.presses(line.now(line.ann.messages()[0] as never), 'Yes');
  await line.settled('Answer: Yes');
  expect(line.desk.answers).toHaveLength(1);
}

const named = (value: string): string => `x-telegram-bot-api-secret-token: ${value}`;

describe('a press of the owner that somebody else posts to the webhook', () => {
  it.each<[string, () => string[]]>([
    ['no secret', () => []],
    ['an empty secret', () => [named('')]],
    ['another secret', () => [named('A'.repeat(secret.length))]],
    ['the beginning of the secret', () => [named(secret.slice(0, -1))]],
    ['more than the secret', () => [named(`${secret}A`)]],
    ['the secret in other letters', () => [named(secret.toUpperCase())]],
    ['the secret twice', () => [named(secret), named(secret)]],
    ['the secret after another', () => [named('x'), named(secret)]],
    ['the secret in a list', () => [named(`${secret}, x`)]],
    ['the secret as authorization', () => [`authorization: Bearer ${secret}`]],
    ['the secret by another name', () => [`x-telegram-bot-api-secret_token: ${secret}`]],
    ['the secret as a cookie', () => [`cookie: x-telegram-bot-api-secret-token=${secret}`]],
  ])('with %s is refused', async (_what, headers) => {
    const reply = await sendRaw(port, request(headers()));
    expect([reply?.status, reply?.body]).toEqual([401, '']);
    expect(line.desk.causes).toEqual([]);
    await works();
  });

  it.each(['/', '/hook/', '/hook/..', '/HOOK', '//hook', '/%68ook', '/hook%00', 'http://127.0.0.1/hook', '*'])(
    'is taken at no other path: %s',
    async (target) => {
      const reply = await sendRaw(port, request([named(secret)], { target }));
      expect(reply?.status).toBe(404);
      expect(line.desk.causes).toEqual([]);
    },
  );

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE'])(
    'is taken by no other method: %s',
    async (method) => {
      const reply = await sendRaw(port, request([named(secret), 'x-http-method-override: POST'], { method }));
      expect(reply?.status).toBe(405);
      expect(line.desk.causes).toEqual([]);
    },
  );

  it('is not taken from inside a request that is refused', async () => {
    const inner = request([named(secret)]);
    for (const outer of [
      request([named('x')], { body: inner }),
      `POST /hook HTTP/1.1\r\nhost: x\r\n${named('x')}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `POST /hook HTTP/1.1\nhost: x\n${named('x')}\n\n${inner}`,
    ]) {
      const text = await sendAndListen(port, outer);
      expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    }
    expect(line.desk.causes).toEqual([]);
    await works();
  });
});

describe('a body that is no update, of whoever has the secret', () => {
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[{"update_id":1}]'],
    ['no number', '{"update_id":"1"}'],
    ['a number below all', '{"update_id":-1}'],
    ['a number beyond all', '{"update_id":1e300}'],
    ['a number in a prototype', '{"__proto__":{"update_id":1}}'],
    ['half of one', '{"update_id":1,'],
    ['a deep one', '['.repeat(500_000)],
  ])('is refused: %s', async (_what, body) => {
    const reply = await sendRaw(port, request([named(secret)], { body }));
    expect(reply?.status).toBe(400);
    await works();
  });

  it('is left aside: an update of nothing', async () => {
    for (const body of ['{"update_id":1,"callback_query":null}', '{"update_id":2,"message":5}', '{"update_id":3}']) {
      expect((await sendRaw(port, request([named(secret)], { body })))?.status).toBe(200);
    }
    await works();
  });
});

describe('who only takes up room', () => {
  it('is cut off soon, and Telegram comes in', async () => {
    const silent = await Promise.all(Array.from({ length: 99 }, () => openSilent(port, 'POST /hook HTTP/1.1\r\nx: ')));
    onTestFinished(() => silent.forEach((socket) => void socket.destroy()));
    const since = performance.now();
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    // By what bounds a whole request it takes 10 seconds.
    expect(performance.now() - since).toBeLessThan(9_000);
    await works();
  });

  it('is not read to the end', async () => {
    const socket = await openSilent(
      port,
      `POST /hook HTTP/1.1\r\nhost: x\r\n${named(secret)}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    for (let n = 0; n < 40 && !socket.destroyed; n += 1) socket.write(chunk);
    await closed;
    await works();
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotApi, startBotApi } from '../../../test/support/bot-api/bot-api.ts';
import { BotClient, type BotFault } from './bot-client.ts';

let api: BotApi;
let client: BotClient;
const end = new AbortController();
const soon = { signal: end.signal, timeoutMs: 5_000 };

beforeEach(async () => {
  api = await startBotApi();
  api.user(7, 'Ann');
  client = new BotClient(api.token, api.root);
});
afterEach(async () => {
  client.close();
  await api.close();
});

const failure = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: BotFault) => ({ kind: error.kind, message: error.message, retryAfterMs: error.retryAfterMs }),
  );
const say = (text = 'x', chat_id = 7) => client.call('sendMessage', { chat_id, text } as never, soon);

describe('a call', () => {
  it('tells what failed', async () => {
    expect(await failure(say('', 7))).toMatchObject({
      kind: 'refused',
      message: '400 Bad Request: message text is empty',
    });
    api.fail('sendMessage', { kind: 'flood', retryAfter: 7 });
    expect(await failure(say())).toMatchObject({ kind: 'flood', retryAfterMs: 7_000 });
    api.fail('sendMessage', { kind: 'status', code: 502 });
    expect(await failure(say())).toMatchObject({ kind: 'server' });
    api.fail('sendMessage', { kind: 'reset' });
    expect(await failure(say())).toMatchObject({ kind: 'network', message: 'ECONNRESET' });
    api.fail('sendMessage', { kind: 'status', code: 409, description: 'Conflict' });
    expect(await failure(say())).toMatchObject({ kind: 'conflict' });
    api.user(7, 'Ann').blocks();
    expect(await failure(say())).toMatchObject({ kind: 'forbidden' });
    const wrong = new BotClient('4242:wrong', api.root);
    expect(await failure(wrong.call('getMe', {}, soon))).toMatchObject({ kind: 'token' });
    wrong.close();
  });

  it('that nobody answers ends at its limit, and at once when it is told to', async () => {
    api.fail('sendMessage', { kind: 'black hole' }, 2);
    const limits = { signal: end.signal, timeoutMs: 50 };
    expect(await failure(client.call('sendMessage', { chat_id: 7, text: 'x' } as never, limits))).toMatchObject({
      kind: 'network',
    });
    const stop = new AbortController();
    const call = client.call('sendMessage', { chat_id: 7, text: 'x' } as never, {
      signal: stop.signal,
      timeoutMs: 60_000,
    });
    stop.abort();
    expect(await failure(call)).toMatchObject({ kind: 'aborted' });
  });

  it('never quotes the URL, in which the token stands', async () => {
    const dead = new BotClient(api.token, 'http://127.0.0.1:1');
    const error = await dead.call('getMe', {}, soon).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ kind: 'network', message: 'ECONNREFUSED' });
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('secret');
  });

  it('asks who the bot is once', async () => {
    expect(client.known).toBeNull();
    await Promise.all([client.me(end.signal), client.me(end.signal)]);
    expect(await client.me(end.signal)).toEqual({ id: 4242, username: 'switchboard_test_bot' });
    expect(client.known).toEqual({ id: 4242, username: 'switchboard_test_bot' });
    expect(api.calls('getMe')).toHaveLength(1);
  });

  it('keeps its connection', async () => {
    await say();
    await say();
    await say();
    expect(api.connections).toBe(1);
  });
});

describe('a proxy', () => {
  let proxy: Server;
  afterEach(() => void proxy?.close());

  it('carries what goes to an https root, and nothing that goes to an http one', async () => {
    const asked: string[] = [];
    proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const far = new BotClient(api.token, 'https://api.telegram.example', url);
    expect(await failure(far.call('getMe', {}, soon))).not.toBeNull();
    expect(asked).toEqual(['api.telegram.example:443']);
    const near = new BotClient(api.token, api.root, url);
    await near.call('getMe', {}, soon);
    expect(asked).toHaveLength(1);
    near.close();
  });
});

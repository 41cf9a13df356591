import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type BotApi, startBotApi } from './bot-api.ts';

let api: BotApi;
let now = Date.now();
beforeEach(async () => {
  api = await startBotApi(() => now);
  onTestFinished(() => api.close());
});

async function call(method: string, payload: object = {}) {
  const answer = await fetch(`${api.root}/bot${api.token}/${method}`, {
    method: 'POST',
    body: JSON.stringify(payload),
  });
  return (await answer.json()) as { ok: boolean; description?: string; result?: Record<string, unknown> };
}

describe('the Bot API on loopback, about webhooks', () => {
  it('refuses what Telegram refuses', async () => {
    const refusals: [object, string][] = [
      [{}, 'invalid webhook URL'],
      [{ url: 'http://example.org/x' }, 'An HTTPS URL must be provided'],
      [{ url: 'https://example.org:8787/x' }, 'only on ports 80, 88, 443 or 8443'],
      [{ url: 'https://example.org/x', secret_token: 'a b' }, 'unallowed characters'],
      [{ url: 'https://example.org/x', max_connections: 101 }, 'max_connections'],
    ];
    for (const [payload, words] of refusals) {
      now += 1_000;
      const { ok, description } = await call('setWebhook', payload);
      expect([ok, description]).toEqual([false, expect.stringContaining(words)]);
    }
    expect((await call('getWebhookInfo')).result).toMatchObject({ url: '' });
  });

  it('refuses a second setWebhook within a second, and polls while one is set', async () => {
    expect((await call('setWebhook', { url: 'https://example.org/x' })).ok).toBe(true);
    expect((await call('setWebhook', { url: 'https://example.org/y' })).description).toContain('retry after 1');
    expect((await call('getUpdates')).description).toContain("can't use getUpdates method while webhook is active");
  });

  it('posts each update with the secret until it is answered with 2xx, and tells of the last failure', async () => {
    const got: { secret: unknown; id: number }[] = [];
    const statuses = [500, 401, 200];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      got.push({ secret: request.headers['x-telegram-bot-api-secret-token'], id: JSON.parse(body).update_id });
      response.writeHead(statuses.shift() ?? 200).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    api.webhook.reach = ({ pathname }) =>
      new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`);
    await call('setWebhook', { url: 'https://example.org/x', secret_token: 'abc' });
    api.user(7, 'Ann').says('hello');
    await api.waitFor(() => api.unconfirmed === 0);
    expect(got.map(({ secret }) => secret)).toEqual(['abc', 'abc', 'abc']);
    expect(new Set(got.map(({ id }) => id)).size).toBe(1);
    expect((await call('getWebhookInfo')).result).toMatchObject({
      pending_update_count: 0,
      last_error_message: expect.stringContaining('Wrong response from the webhook: 401'),
    });
  });
});

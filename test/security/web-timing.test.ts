import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForWebhook } from '../../src/channels/telegram/webhook-server.ts';
import { sendRaw } from '../support/hostile-requests.ts';
import { webLine } from '../support/web-line.ts';

// Not `vi.mock`: files that ran before in this process have loaded the servers with the real one.
const compared = vi.spyOn(crypto, 'timingSafeEqual');
syncBuiltinESMExports();

afterAll(() => {
  compared.mockRestore();
  syncBuiltinESMExports();
});

beforeEach(() => {
  compared.mockClear();
});

/** Every comparison since the last look: both sides of one length, whatever was sent. */
function comparisons(): number {
  const { calls } = compared.mock;
  for (const [given, wanted] of calls) expect([given.byteLength, wanted.byteLength]).toEqual([32, 32]);
  const count = calls.length;
  compared.mockClear();
  return count;
}

const GUESSES = ['', 'a', 'a'.repeat(43), 'a'.repeat(4_000)];

describe('a secret that is guessed is compared in constant time', () => {
  it('the token of the link, and the cookie', async () => {
    const line = await webLine();
    const { port, cookie } = await line.enter();
    const name = cookie.split('=')[0];
    comparisons();
    for (const guess of [...GUESSES, line.token.slice(0, -1)]) {
      const head = (path: string) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`;
      expect((await sendRaw(port, `${head(`/?token=${guess}`)}\r\n`))?.status).toBe(401);
      expect(comparisons()).toBe(1);
      expect((await sendRaw(port, `${head('/')}cookie: ${name}=${guess}\r\n\r\n`))?.status).toBe(401);
      expect(comparisons()).toBe(1);
    }
  });

  it('the secret of the webhook', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const server = await listenForWebhook({ address, path: '/hook', secret: 'b'.repeat(43), take: async () => true });
    try {
      for (const guess of [...GUESSES, 'b'.repeat(42)]) {
        const head = `POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nx-telegram-bot-api-secret-token: ${guess}`;
        expect((await sendRaw(server.port, `${head}\r\n\r\n`))?.status).toBe(401);
        expect(comparisons()).toBe(1);
      }
    } finally {
      await server.close();
    }
  });
});

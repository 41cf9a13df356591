import { PassThrough, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { StdioTransport } from './stdio-transport.ts';

const PING: JSONRPCMessage = { jsonrpc: '2.0', id: 1, method: 'ping' };

async function started(output: Writable = new PassThrough()) {
  const input = new PassThrough();
  const transport = new StdioTransport(input, output);
  const messages: JSONRPCMessage[] = [];
  const errors: string[] = [];
  const ends: string[] = [];
  transport.onmessage = (message) => void messages.push(message);
  transport.onerror = (error) => void errors.push(error.message);
  transport.onended = (reason) => void ends.push(reason);
  await transport.start();
  return { input, transport, messages, errors, ends };
}

describe('MCP over stdin and stdout', () => {
  it('reads messages however they are cut, also inside a character', async () => {
    const { input, messages } = await started();
    const line = Buffer.from(`${JSON.stringify({ ...PING, params: { text: 'grün 🚦' } })}\r\n`);
    for (const byte of line) input.write(Buffer.from([byte]));
    input.write(Buffer.concat([line, line]));
    await expect.poll(() => messages.length).toBe(3);
    expect(messages[2]).toMatchObject({ params: { text: 'grün 🚦' } });
  });

  it.each([
    ['first', (text: string) => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"${text}","id":8}}`],
    ['last', (text: string) => `{"method":"tools/call","params":{"id":8,"text":"${text}"},"jsonrpc":"2.0","id":"a-7"}`],
  ])(
    'tells the caller of a request that is too long, with its id written %s, instead of letting it wait',
    async (_where, line) => {
      const output = new PassThrough();
      const { input, messages } = await started(output);
      input.write(`${line('x'.repeat(5_000_000))}\n`);
      await expect.poll(() => output.readableLength).toBeGreaterThan(0);
      const { id, error } = JSON.parse(String(output.read()));
      expect([7, 'a-7']).toContain(id);
      expect(error).toMatchObject({
        code: -32600,
        message: expect.stringMatching(/has 5\d{6} bytes, the limit is 4194304/),
      });
      input.write(`${JSON.stringify(PING)}\n`);
      await expect.poll(() => messages).toEqual([PING]);
    },
  );

  it('passes over what is no message and goes on', async () => {
    const { input, messages, errors } = await started();
    input.write('no json\n\n   \n{"jsonrpc":"1.0"}\nnull\n');
    input.write(`${'x'.repeat(5 * 1024 * 1024)}\n`);
    input.write(`${JSON.stringify(PING)}\n`);
    await expect.poll(() => messages).toEqual([PING]);
    expect(errors).toHaveLength(4);
    expect(errors[3]).toContain('skipped');
  });

  it('has sent a message when the bytes are out, and rejects when they cannot get out', async () => {
    const held: (() => void)[] = [];
    const slow = new Writable({ write: (_chunk, _encoding, done) => void held.push(done) });
    const { transport } = await started(slow);
    let sent = false;
    const sending = transport.send(PING).then(() => {
      sent = true;
    });
    await Promise.resolve();
    expect(sent).toBe(false);
    held.pop()?.();
    await sending;
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const other = await started(broken);
    await expect(other.transport.send(PING)).rejects.toThrow('EPIPE');
    await expect.poll(() => other.ends).toEqual(['stdout_closed']);
  });

  it('tells once that the client is gone', async () => {
    const { input, ends } = await started();
    input.end();
    await expect.poll(() => ends).toEqual(['stdin_closed']);
    input.destroy();
    await expect.poll(() => input.closed).toBe(true);
    expect(ends).toEqual(['stdin_closed']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileJson, hostileText, nestedJson } from '../support/hostile-text.ts';
import { mcpPlace } from '../support/mcp-client.ts';
import { propertyTest } from '../support/property-test.ts';
import { RawMcp } from '../support/raw-mcp.ts';
import { until } from '../support/switchboard.ts';

const MEGABYTE = 1024 * 1024;

/** Still speaks MCP, and nothing but that. */
async function expectAlive(raw: RawMcp): Promise<void> {
  expect((await raw.ask('ping')).result).toEqual({});
  expect(raw.command.child.exitCode).toBeNull();
  expect(raw.command.stderr).not.toMatch(/a mistake in the program/);
}

/** A line of bytes that is, is nearly, or is no message at all. */
const garbage: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  hostileText.map((text) => Buffer.from(text)),
  hostileJson.map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .record(
      {
        jsonrpc: fc.oneof(fc.constant('2.0'), hostileJson),
        id: fc.oneof(fc.constantFrom<unknown>(1, 'x', null, -1, 1e308, [], {}), hostileJson),
        method: fc.oneof(
          fc.constantFrom('tools/call', 'tools/list', 'ping', 'initialize', 'resources/read', 'x'),
          hostileText,
        ),
        params: fc.oneof(
          fc.constantFrom({ name: 'notify_user' }, { name: 'ask_blocking_question', arguments: {} }),
          hostileJson,
        ),
      },
      { requiredKeys: [] },
    )
    .map((message) => Buffer.from(JSON.stringify(message))),
  fc
    .tuple(fc.constantFrom('cancelled', 'progress', 'initialized', 'roots/list_changed', 'message'), hostileJson)
    .map(([method, params]) =>
      Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: `notifications/${method}`, params })),
    ),
  fc.constant(Buffer.from('[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]')),
  fc.constant(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}')),
);

describe('what comes on stdin and is no MCP', () => {
  propertyTest(
    'is passed over: stdout stays MCP, and the next request is answered',
    fc.array(fc.tuple(garbage, fc.boolean()), { minLength: 1, maxLength: 20 }),
    async () => {
      const raw = await RawMcp.start(mcpPlace());
      const check = async (all: readonly [line: Buffer, whole: boolean][]): Promise<void> => {
        for (const [line, whole] of all) {
          raw.write(line);
          if (whole) raw.write('\n');
        }
        raw.write('\n');
        await expectAlive(raw);
      };
      const after = async (): Promise<void> => {
        const asked = await raw.call('ask_blocking_question', { question: 'Still?', wait: false });
        expect(asked.result?.structuredContent).toMatchObject({ status: 'pending' });
      };
      return { check, after };
    },
    { runs: 300 },
  );

  it('may be longer than any message: it is refused by its id, or skipped', async () => {
    const raw = await RawMcp.start(mcpPlace());
    const id = raw.send('tools/call', `{"name":"notify_user","arguments":{"message":"${'A'.repeat(6 * MEGABYTE)}"}}`);
    expect((await raw.reply(id)).error?.message).toMatch(/the limit is 4194304; nothing was done. Send less/);
    raw.write(`${'\u0000'.repeat(40 * MEGABYTE)}\n`);
    await expectAlive(raw);
  });

  it('may be nested as deep as a line allows', async () => {
    const raw = await RawMcp.start(mcpPlace());
    for (const kind of ['list', 'object'] as const) {
      const deep = nestedJson(kind === 'list' ? 1_500_000 : 500_000, kind);
      raw.write(`${deep}\n`);
      raw.write(
        `{"jsonrpc":"2.0","id":"d-${kind}","method":"tools/call","params":{"name":"notify_user","arguments":{"message":${deep}}}}\n`,
      );
      const reply = await raw.reply(`d-${kind}`);
      expect(reply.error ?? reply.result?.isError).toBeTruthy();
      await expectAlive(raw);
    }
  });

  it('may use an id twice, cancel what never was, or come in pieces of one byte', async () => {
    const raw = await RawMcp.start(mcpPlace());
    const twice =
      '{"jsonrpc":"2.0","id":"same","method":"tools/call","params":{"name":"set_session_label","arguments":{"label":"a"}}}\n';
    raw.write(twice + twice);
    await until(
      () => raw.repliesTo('same').length === 2,
      () => 'two replies to the id that was used twice',
    );
    for (const requestId of ['never', 'same', null, {}, -1, '__proto__'])
      raw.tell('notifications/cancelled', { requestId });
    const waits = raw.send('tools/call', '{"name":"ask_blocking_question","arguments":{"question":"Wait?"}}');
    raw.tell('notifications/cancelled', { requestId: waits, reason: '\u001b[2J' });
    raw.tell('notifications/cancelled', { requestId: waits });
    for (const byte of Buffer.from('{"jsonrpc":"2.0","id":"é","method":"ping"}\n')) raw.write(Buffer.from([byte]));
    expect((await raw.reply('é')).result).toEqual({});
    expect((await raw.ask('no/such/method')).error?.code).toBe(-32601);
    await expectAlive(raw);
    // Cancelled, it is answered by nothing.
    expect(raw.repliesTo(waits)).toEqual([]);
  });

  it('before any handshake does no harm either', async () => {
    const raw = await RawMcp.start(mcpPlace());
    raw.tell('initialize', { protocolVersion: '9999-99-99' });
    expect(
      (
        await raw.ask('initialize', {
          protocolVersion: '9999-99-99',
          capabilities: {},
          clientInfo: { name: '', version: '' },
        })
      ).result,
    ).toBeDefined();
    await expectAlive(raw);
  });
});

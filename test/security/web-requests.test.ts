import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SessionHistory } from '../../src/relay/session-history.ts';
import type { Logger } from '../../src/runtime/log.ts';
import {
  bytesOf,
  type HostileRequest,
  hostileRequest,
  openSilent,
  type RawReply,
  ROUTES,
  sendAndListen,
  sendRaw,
} from '../support/hostile-requests.ts';
import { propertyTest } from '../support/property-test.ts';
import { metadataDraft, newSession, questionDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { until } from '../support/switchboard.ts';
import { openLater } from '../support/telegram-line.ts';
import type { WebClient } from '../support/web-client.ts';
import { type WebLine, webLine } from '../support/web-line.ts';

// Stands in everything that is asked, and nowhere else: whoever is sent it has learned something.
const MARK = 'zqx-secret';
const RUNS = 900;
/** In `ROUTES` it stands for something that is not there. */
const SOME_ID = '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000';
// All that is ever said to who may not come in.
const REFUSALS = [
  '',
  'Open the inbox with the link that `switchboard web` prints (in a clone: `node dist/switchboard.js web`).\n',
  'This inbox answers at its own address only.\n',
  'This inbox takes nothing from other sites.\n',
  'This inbox takes application/json only.\n',
  'This is no address.\n',
];
const REFUSED = [400, 401, 403, 408, 415, 417, 431];

interface Scene {
  readonly line: WebLine;
  readonly web: WebClient;
  /** Ids of what is there. */
  readonly question: string;
  readonly session: string;
  /** Everything that was logged. */
  readonly log: unknown[];
}

async function scene(): Promise<Scene> {
  const place = new StorePlace();
  const store = place.store();
  const session = newSession();
  await store.open(session, metadataDraft(session));
  await store.append(session, questionDraft(undefined, MARK));
  const log: unknown[] = [];
  const note = (...said: unknown[]): void => void log.push(said);
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  const history = new SessionHistory({ directories: () => [place.directory], live: () => [] });
  const line = await webLine({ history, log: logger });
  const { question_id } = line.desk.add(`${MARK}?`, { options: [{ label: 'Yes' }, { label: 'No' }] });
  return { line, web: await line.enter(), question: question_id, session, log };
}

/** What every answer says, whatever became of the request. */
function expectSafe(reply: RawReply): void {
  expect(Object.fromEntries(reply.headers)).toMatchObject({
    'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': expect.stringMatching(/^(no-store|private, no-cache)$/),
  });
  expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  // What was sent comes back as nothing but what the inbox says itself.
  expect(reply.text).not.toMatch(/<script>alert|evil\.example|etc\/passwd|root:/);
}

/** Does it claim to come by another name, or from another site? */
const isForeign = ({ host, from }: HostileRequest): boolean => host !== '{host}' || !['own', 'silent'].includes(from);

/** The request about something that is there. */
function aimed(request: HostileRequest, { session, question }: Scene): HostileRequest {
  const id = request.target.includes('questions') ? question : session;
  return { ...request, target: request.target.replaceAll(SOME_ID, id) };
}

function untouched({ line: { desk } }: Scene): void {
  expect([desk.answers, desk.words, desk.presence().away]).toEqual([[], [], false]);
  expect(desk.inbox()).toHaveLength(1);
}

function secretsOf({ line, web }: Scene): string[] {
  return [line.token, web.cookie.split('=')[1] ?? ''];
}

describe('whatever is asked of the web inbox', () => {
  propertyTest(
    'who has no key gets a refusal that tells nothing',
    hostileRequest,
    async () => {
      const all = await scene();
      const { port } = all.web;
      const check = async (request: HostileRequest): Promise<void> => {
        const marks = { guess: 'guess', question: all.question, uuid: all.session };
        const reply = await sendRaw(port, bytesOf(aimed(request, all), { port, marks }));
        untouched(all);
        if (!reply) return expect(request.method).toBe('CONNECT');
        expectSafe(reply);
        expect(REFUSED).toContain(reply.status);
        expect(REFUSALS).toContain(reply.body);
        expect(reply.headers.get('set-cookie')).toBeUndefined();
      };
      return { check };
    },
    { runs: RUNS },
  );

  propertyTest(
    'who has the key is let in by its own name and from its own page only',
    hostileRequest,
    async () => {
      const all = await scene();
      const { port, cookie } = all.web;
      const check = async (request: HostileRequest): Promise<void> => {
        const marks = { guess: all.line.token, question: all.question, uuid: all.session };
        const wanted = bytesOf(aimed(request, all), { port, marks, headers: [['cookie', cookie]] });
        const reply = await sendRaw(port, wanted);
        untouched(all);
        if (!reply) return expect(request.method).toBe('CONNECT');
        expectSafe(reply);
        expect(reply.status).toBeLessThan(500);
        for (const secret of secretsOf(all)) expect(reply.text).not.toContain(secret);
        expect(JSON.stringify(all.log)).not.toMatch(new RegExp(secretsOf(all).join('|')));
        if (!isForeign(request)) return;
        expect(REFUSED).toContain(reply.status);
        expect(reply.text).not.toContain(MARK);
      };
      return { check };
    },
    { runs: RUNS },
  );

  it('the same is said of what is there and of what is not', async () => {
    const all = await scene();
    const { port } = all.web;
    for (const route of ROUTES) {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']) {
        const said = async (id: string): Promise<string | undefined> => {
          const lines = [`${method} ${route.replace(SOME_ID, id)} HTTP/1.1`, `host: 127.0.0.1:${port}`];
          const head = [...lines, `origin: http://127.0.0.1:${port}`, 'content-type: application/json', '', ''];
          const reply = await sendRaw(port, head.join('\r\n'));
          expect(reply?.status).toBe(401);
          return reply?.text.replace(/\r\ndate: .*/i, '');
        };
        const id = route.includes('questions') ? all.question : all.session;
        expect(await said(id)).toBe(await said(SOME_ID));
      }
    }
  });
});

describe('a request with another one hidden in it', () => {
  const HIDDEN =
    'POST /api/away HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncontent-type: application/json\r\ncookie: {cookie}\r\ncontent-length: 13\r\n\r\n{"away":true}';
  const HEAD =
    'POST /api/inbox HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncontent-type: application/json\r\n';
  it.each([
    ['length and chunks', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${HEAD}content-length: 0\r\ncontent-length: 9\r\n\r\n`],
    ['two lengths in one', `${HEAD}content-length: 0, 9\r\n\r\n`],
    ['a length with a sign', `${HEAD}content-length: +0\r\n\r\n`],
    ['chunks by another name', `${HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${HEAD}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `${HEAD}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a folded line', `${HEAD}x: a\r\n b\r\ntransfer-encoding: x\r\n\r\n`],
    ['line feeds alone', `${HEAD.replaceAll('\r\n', '\n')}\n`],
    ['a chunk without an end', `${HEAD}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
    ['the body of a refused one', `${HEAD}content-length: {length}\r\n\r\n`],
  ])('by %s: the hidden one is not answered', async (_how, head) => {
    const all = await scene();
    const { port, cookie } = all.web;
    // Only the outer one has no cookie: what is let in was hidden.
    const filled = (part: string) => part.replaceAll('{host}', `127.0.0.1:${port}`).replaceAll('{cookie}', cookie);
    const hidden = filled(HIDDEN);
    const text = await sendAndListen(port, filled(head).replace('{length}', String(hidden.length)) + hidden);
    expect(text.match(/^HTTP\/1\.1 /gm) ?? []).toHaveLength(1);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    untouched(all);
  });
});

describe('who only takes up room', () => {
  it('is cut off: a head or a body that never ends', async () => {
    const { web } = await scene();
    const { port, cookie } = web;
    const own = `host: 127.0.0.1:${port}\r\norigin: http://127.0.0.1:${port}\r\ncookie: ${cookie}\r\n`;
    const slow = await Promise.all([
      openSilent(port),
      openSilent(port, 'GET / HTTP/1.1\r\nx: '),
      openSilent(
        port,
        `POST /api/answer HTTP/1.1\r\n${own}content-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
      ),
    ]);
    await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect((await web.ask('/')).status).toBe(200);
  });

  it('gets 64 streams of events, also when all are asked for at once; the page is still served', async () => {
    const all = await scene();
    const { line, web } = all;
    const gate = openLater();
    let waiting = 0;
    line.desk.ready = () => {
      waiting += 1;
      return gate.opened;
    };
    const ask = `GET /api/events HTTP/1.1\r\nhost: 127.0.0.1:${web.port}\r\ncookie: ${web.cookie}\r\n\r\n`;
    const streams = await Promise.all(Array.from({ length: 120 }, () => openSilent(web.port, ask)));
    onTestFinished(() => streams.forEach((socket) => void socket.destroy()));
    let refused = 0;
    for (const socket of streams) socket.on('data', (data) => (refused += data.includes('HTTP/1.1 503') ? 1 : 0));
    await until(
      () => waiting === 120,
      () => `${waiting} that wait for the inbox`,
    );
    gate.open();
    await until(
      () => line.channel.pages + refused === 120,
      () => `${line.channel.pages} streams and ${refused} refusals`,
    );
    expect(line.channel.pages).toBe(64);
    expect((await web.ask('/')).status).toBe(200);
  });

  it('may go away at any moment, in the middle of anything', async () => {
    const all = await scene();
    const { port, cookie } = all.web;
    const paths = ['/api/events', '/api/inbox', '/', `/api/sessions/${all.session}/raw`, '/api/sessions'];
    for (const path of paths) {
      for (const how of ['end', 'destroy', 'resetAndDestroy'] as const) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`);
        socket[how]();
        socket.resume();
        await new Promise((resolve) => socket.once('close', resolve));
      }
    }
    await until(
      () => all.line.channel.pages === 0,
      () => 'the end of all streams',
    );
    expect((await all.web.ask('/')).status).toBe(200);
  });
});

describe('a search', () => {
  it.each([
    ['repeats in repeats', '(a+)+$'],
    ['the same with anchors', '^(([a-z])+.)+[A-Z]([a-z])+$'],
    ['half of an escape', '\\'],
    ['half of a class', '['],
    ['half of a group', '(?<'],
    ['stars', '*'.repeat(2_000)],
    ['one long word', 'a'.repeat(8_000)],
    ['half a character', '\ud800'],
  ])('is for words and never a pattern: %s', async (_what, q) => {
    const { web, session } = await scene();
    const since = performance.now();
    const query = `q=${encodeURIComponent(q.toWellFormed())}`;
    expect((await web.ask(`/api/sessions?${query}`)).status).toBe(200);
    expect((await web.ask(`/api/sessions/${session}/timeline?${query}`)).status).toBe(200);
    expect(performance.now() - since).toBeLessThan(20_000);
  });
});

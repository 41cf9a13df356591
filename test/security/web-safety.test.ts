import { randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readWebPlace, renewWebToken } from '../../src/runtime/web-place.ts';
import { until } from '../support/switchboard.ts';
import { ask, type Wish } from '../support/web-client.ts';
import { webLine } from '../support/web-line.ts';

const NO_KEY =
  'Open the inbox with the link that `switchboard web` prints (in a clone: `node dist/switchboard.js web`).\n';
const PATHS = [
  '/',
  '/sessions',
  '/assets/app.js',
  '/api/inbox',
  '/api/events',
  '/api/sessions',
  '/nothing',
  '/?token=',
];

/** An answer as the page posts it, or otherwise. */
async function post(more: { headers?: Record<string, string>; body?: string } = {}) {
  const line = await webLine();
  const web = await line.enter();
  const card = line.desk.add('Deploy?');
  const body = JSON.stringify({ question_id: card.question_id, press_id: randomUUID(), text: 'yes' });
  const headers = { origin: web.origin, 'content-type': 'application/json', ...more.headers };
  const reply = await web.ask('/api/answer', { method: 'POST', headers, body: more.body ?? body });
  return { reply, answers: line.desk.answers };
}

describe('without the cookie', () => {
  it.each(PATHS)('%s is refused with one sentence and nothing else', async (path) => {
    const line = await webLine();
    const { port } = await line.enter();
    line.desk.add('A secret question?');
    for (const headers of [{}, { cookie: 'switchboard-00000000=guess' }, { authorization: `Bearer ${line.token}` }]) {
      const { status, body } = await ask(port, path, { headers });
      expect([status, body]).toEqual([401, NO_KEY]);
    }
  });

  it('nothing can be answered', async () => {
    const line = await webLine();
    const { port, origin } = await line.enter();
    const headers = { origin, 'content-type': 'application/json' };
    expect(await ask(port, '/api/answer', { method: 'POST', headers, body: '{}' })).toMatchObject({
      status: 401,
      body: NO_KEY,
    });
  });
});

describe('the link', () => {
  it('becomes a cookie that scripts and other sites cannot use, and leaves the address bar', async () => {
    const line = await webLine();
    const { port } = await line.enter();
    const { status, headers, body } = await ask(port, `/?token=${line.token}`);
    expect(status).toBe(200);
    expect(String(headers['set-cookie'])).toMatch(
      /^switchboard-[0-9a-f]{8}=[\w-]{43}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Strict$/,
    );
    expect(String(headers['set-cookie'])).not.toContain(line.token);
    expect(body).toContain('http-equiv="refresh" content="0;url=/"');
    expect(body).not.toContain(line.token);
  });

  it.each(['wrong', '', '%00', 'a'.repeat(5_000)])('with another token is refused: %s', async (token) => {
    const line = await webLine();
    const web = await line.enter();
    expect(await web.ask(`/?token=${token}`)).toMatchObject({ status: 401, body: NO_KEY });
  });

  it('opens one home only: another home on this host has a cookie of its own name and value', async () => {
    const [one, other] = [await webLine(), await webLine()];
    const [web, { port }] = [await one.enter(), await other.enter()];
    expect((await ask(port, '/', { headers: { cookie: web.cookie } })).status).toBe(401);
    const name = (cookie: string): string | undefined => cookie.split('=')[0];
    expect(name((await other.enter()).cookie)).not.toBe(name(web.cookie));
  });

  it('stands in a file that only its owner can read', async () => {
    const line = await webLine();
    await line.enter();
    expect(statSync(join(line.home, 'web.json')).mode & 0o777).toBe(0o600);
    expect(readWebPlace(line.home)?.token).toBe(line.token);
  });
});

describe('a request that the page cannot have made', () => {
  it.each(['evil.example', 'evil.example:4680', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example', '0.0.0.0'])(
    'is refused when it names the host %j',
    async (host) => {
      const line = await webLine();
      const web = await line.enter();
      expect((await web.ask('/api/inbox', { headers: { host } })).status).toBe(403);
      expect((await ask(web.port, `/?token=${line.token}`, { headers: { host } })).headers['set-cookie']).toBe(
        undefined,
      );
    },
  );

  it('is let in by every name of this machine that leads here', async () => {
    const web = await (await webLine()).enter();
    for (const name of ['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST']) {
      expect((await web.ask('/api/inbox', { headers: { host: `${name}:${web.port}` } })).status).toBe(200);
    }
  });

  it.each<[string, Wish['headers']]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of another port of this host', { origin: 'http://127.0.0.1:3000' }],
    ['of a sandboxed frame', { origin: 'null' }],
    ['that another site has loaded', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['that another port has loaded', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('is refused %s', async (_what, headers = {}) => {
    const web = await (await webLine()).enter();
    const { status, body } = await web.ask('/api/inbox', { headers });
    expect([status, body]).toEqual([403, 'This inbox takes nothing from other sites.\n']);
  });

  it('may be a click on a link elsewhere', async () => {
    const web = await (await webLine()).enter();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await web.ask('/', { headers })).status).toBe(200);
  });
});

describe('an answer', () => {
  it('is taken from the page', async () => {
    const { reply, answers } = await post();
    expect(reply.status).toBe(200);
    expect(answers).toHaveLength(1);
  });

  it.each<[number, string, { headers?: Record<string, string>; body?: string }]>([
    [403, 'of another site', { headers: { origin: 'https://evil.example' } }],
    [403, 'of another port', { headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' } }],
    [415, 'as a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [
      415,
      'as a plain text, which needs no leave to be sent across sites',
      { headers: { 'content-type': 'text/plain' } },
    ],
    [415, 'as something that only begins like JSON', { headers: { 'content-type': 'application/json-patch+json' } }],
    [413, 'that is longer than any answer', { body: JSON.stringify({ text: 'x'.repeat(70_000) }) }],
    [400, 'that is no JSON', { body: '{"question_id":' }],
    [
      400,
      'that names no question',
      { body: JSON.stringify({ question_id: '../..', press_id: randomUUID(), text: 'x' }) },
    ],
    [
      400,
      'with neither text nor options',
      { body: JSON.stringify({ question_id: randomUUID(), press_id: randomUUID() }) },
    ],
  ])('is refused with %i %s', async (status, _what, more) => {
    const { reply, answers } = await post(more);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatch(/^[A-Z][^\n]+\.\n$/);
    expect(answers).toEqual([]);
  });

  it('is refused of who does not say where it comes from', async () => {
    const line = await webLine();
    const web = await line.enter();
    const headers = { 'content-type': 'application/json' };
    expect((await web.ask('/api/answer', { method: 'POST', headers, body: '{}' })).status).toBe(403);
  });
});

describe('the server', () => {
  it('serves its own files only, whatever the path says', async () => {
    const line = await webLine();
    writeFileSync(join(line.home, 'page/.secret'), 'secret');
    const web = await line.enter();
    expect(await web.ask('/assets/app.js')).toMatchObject({ status: 200, body: 'run();' });
    for (const path of [
      '/assets/../index.html/../../web.json',
      '/assets/%2e%2e/%2e%2e/web.json',
      '/assets/..%2f..%2fweb.json',
      '/assets//etc/passwd',
      '/../web.json',
      '/web.json',
      '/assets/',
      '/assets/constructor',
      '/sessions/../../web.json',
      '/sessions/%2e%2e%2fweb.json',
      `/api/sessions/..%2f${randomUUID()}/raw`,
      '/api/sessions/0b6f3f6e/raw',
      `/api/sessions/${randomUUID().toUpperCase()}/timeline`,
    ]) {
      expect([path, (await web.ask(path)).status]).toEqual([path, 404]);
    }
  });

  it('says which methods there are, and refuses whole addresses', async () => {
    const web = await (await webLine()).enter();
    const headers = { origin: web.origin, 'content-type': 'application/json' };
    for (const path of ['/', '/sessions', '/assets/app.js']) {
      const [head, get] = [await web.ask(path, { method: 'HEAD' }), await web.ask(path)];
      expect([head.status, head.body]).toEqual([200, '']);
      expect(head.headers['content-length']).toBe(String(get.body.length));
    }
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'POST']) {
      const reply = await web.ask('/api/inbox', { method, headers });
      expect([method, reply.status, reply.headers.allow]).toEqual([method, 405, 'GET']);
    }
    expect((await web.ask('/api/answer')).headers.allow).toBe('POST');
    for (const path of ['http://evil.example/api/inbox', '//evil.example/', '/\\evil.example/', '/\\evil/sessions']) {
      expect([path, (await web.ask(path)).status]).toEqual([path, 400]);
    }
  });

  it('lets nothing but its own files run, in every answer', async () => {
    const web = await (await webLine()).enter();
    for (const reply of [
      await web.ask('/'),
      await web.ask('/nothing'),
      await ask(web.port, '/'),
      await web.ask('/api/inbox'),
    ]) {
      expect(reply.headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
    expect((await web.ask('/api/inbox')).headers['cache-control']).toBe('no-store');
  });

  it('sends a page file once, until it is another', async () => {
    const web = await (await webLine()).enter();
    const { headers } = await web.ask('/assets/app.js');
    const again = await web.ask('/assets/app.js', { headers: { 'if-none-match': String(headers.etag) } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('takes the next port when the wanted one is taken, keeps it, and listens on loopback alone', async () => {
    const other = createServer();
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    onTestFinished(() => void other.close());
    const line = await webLine({ port: taken });
    const { port } = await line.enter();
    expect(port).toBeGreaterThan(taken);
    expect(line.channel.health()).toMatchObject({ ok: true, detail: expect.stringContaining(`127.0.0.1:${port}`) });
    await line.stop();
    other.close();
    const again = await webLine({ home: line.home, token: line.token, port: taken });
    expect((await again.enter()).port).toBe(port);
    const local = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.2');
      socket.on('error', ({ message }) => resolve(message));
      socket.on('connect', () => resolve('connected'));
    });
    expect(local).toContain('ECONNREFUSED');
  });

  it('cuts off a page that does not read, and goes on with the others', async () => {
    const line = await webLine();
    const web = await line.enter();
    const deaf = connect(web.port, '127.0.0.1');
    onTestFinished(() => void deaf.destroy());
    deaf.write(`GET /api/events HTTP/1.1\r\nhost: 127.0.0.1:${web.port}\r\ncookie: ${web.cookie}\r\n\r\n`);
    await until(
      () => line.channel.pages === 1,
      () => 'the page that does not read',
    );
    deaf.pause();
    const page = await web.open();
    for (let sent = 0; line.channel.pages === 2; sent += 1) {
      // What the system buffers for both ends is some megabytes, and one may wait here.
      if (sent > 4_000) throw new Error('The page that does not read was never cut off.');
      line.desk.add(`${sent} ${'x'.repeat(8_000)}`);
      await new Promise(setImmediate);
    }
    const last = line.desk.add('Still there?');
    await page.has('card', ({ question_id }) => question_id === last.question_id);
    expect(line.channel.pages).toBe(1);
  });

  it('shows cards while a page is open, and tells the desk of the first', async () => {
    const line = await webLine();
    const web = await line.enter();
    expect(line.channel.chats()).toEqual([]);
    const page = await web.open();
    expect([line.channel.chats(), line.desk.retries]).toEqual([['page'], 1]);
    await web.open();
    expect(line.desk.retries).toBe(1);
    expect(line.channel.health().detail).toBe(`http://127.0.0.1:${web.port}, 2 pages open`);
    page.close();
    await until(
      () => line.channel.pages === 1,
      () => 'one page',
    );
  });

  it('keeps its token when the file is damaged or removed meanwhile, and writes it again', async () => {
    const line = await webLine();
    const web = await line.enter();
    const file = join(line.home, 'web.json');
    for (const harm of [() => writeFileSync(file, '{'), () => rmSync(file)]) {
      harm();
      expect((await web.ask('/')).status).toBe(200);
      await until(
        () => readWebPlace(line.home)?.token === line.token,
        () => 'web.json as it was',
      );
      expect(readWebPlace(line.home)?.port).toBe(web.port);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  it('takes up a new token: link and cookie of before are void, and open pages end', async () => {
    const line = await webLine();
    const web = await line.enter();
    const page = await web.open();
    renewWebToken(line.home, web.port);
    await until(
      () => readWebPlace(line.home)?.pending === undefined,
      () => 'that the new token is taken up',
    );
    await until(
      () => page.ended,
      () => 'the end of the page',
    );
    expect((await web.ask('/api/inbox')).status).toBe(401);
    expect((await web.ask(`/?token=${line.token}`)).status).toBe(401);
    const again = await line.enter();
    expect((await again.ask('/api/inbox')).status).toBe(200);
    const next = await again.open();
    const card = line.desk.add('After it?');
    await next.has('card', ({ question_id }) => question_id === card.question_id);
  });

  it('is soon free again after more connections than it takes, all of them silent', async () => {
    const line = await webLine();
    const web = await line.enter();
    const silent = Array.from({ length: 260 }, () => connect(web.port, '127.0.0.1').on('error', () => undefined));
    onTestFinished(() => silent.forEach((socket) => void socket.destroy()));
    await Promise.all(silent.slice(0, 100).map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const since = performance.now();
    const comesIn = () =>
      web.ask('/').then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(comesIn, () => 'a way in');
    // By what Node does of its own accord it takes 10 seconds.
    expect(performance.now() - since).toBeLessThan(9_000);
  });
});

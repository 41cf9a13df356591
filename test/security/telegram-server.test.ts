import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BotApi } from '../support/bot-api/bot-api.ts';
import type { Person } from '../support/bot-api/person.ts';
import { bystander, type HostileServer, hostileServer, type Instead } from '../support/hostile-server.ts';
import type { MemoryDesk } from '../support/memory-desk.ts';
import { type TelegramLine, telegramLine } from '../support/telegram-line.ts';

// What whoever plays the Bot API can do: a gateway that answers in its place, or TELEGRAM_API_ROOT set to something else.

let line: TelegramLine;
let api: BotApi;
let desk: MemoryDesk;
let ann: Person;
let server: HostileServer;

beforeEach(async () => {
  line = await telegramLine();
  ({ api, desk, ann } = line);
  server = await hostileServer(api);
});

const yesNo = { options: [{ label: 'Yes' }, { label: 'No' }] };
const MEGABYTE = 1024 * 1024;
const page = '<html><script>alert(1)</script></html>';

const says =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Instead =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
const result = (value: string): Instead => says(`{"ok":true,"result":${value}}`);

/** Much of nothing, as fast as it is read. */
const endless =
  (megabytes: number): Instead =>
  (response) =>
    void Readable.from(Array.from({ length: megabytes }, () => Buffer.alloc(MEGABYTE, ' ')))
      .on('error', () => undefined)
      .pipe(response.on('error', () => undefined));

/** An answer from a phone still comes in. */
async function works(): Promise<void> {
  const { question_id } = await desk.ask('Still there?', yesNo);
  ann.presses(await line.seen('Still there?'), 'Yes');
  await api.waitFor(() => desk.answers.at(-1)?.question_id === question_id);
}

describe('an answer to a poll that is none', () => {
  it.each<[string, Instead]>([
    ['a page', says(page, { 'content-type': 'text/html' })],
    ['a page of a gateway', says(page, {}, 502)],
    ['nothing', says('')],
    ['null', says('null')],
    ['a number', says('5')],
    ['no result', says('{"ok":true}')],
    ['an object', result('{"length":3}')],
    ['a text', result('"x"')],
    ['a list of anything', result('[null,5,"x",[],{},{"update_id":{}},{"update_id":-4},{"update_id":1e300}]')],
    ['updates of nothing', result('[{"update_id":5,"callback_query":null},{"update_id":6,"message":7}]')],
    ['a refusal without a reason', says('{"ok":false}')],
    ['a refusal of no kind', says('{"ok":false,"error_code":"__proto__","description":{},"parameters":null}')],
    ['a deep list', says('['.repeat(MEGABYTE))],
    ['a hundred megabytes of nothing', endless(100)],
    ['a hundred megabytes, packed', says(gzipSync(Buffer.alloc(100 * MEGABYTE)), { 'content-encoding': 'gzip' })],
    ['what says that it is packed', says('no gzip', { 'content-encoding': 'gzip' })],
    ['a broken connection', (response) => void response.socket?.resetAndDestroy()],
  ])('is got over: %s', async (_what, instead) => {
    server.next('getUpdates', instead);
    line.start({ apiRoot: server.root });
    await api.waitFor(() => server.left === 0 && api.polled);
    await works();
  });

  it.each(['"soon"', '-5'])('asks for a pause of %s and gets one of a second', async (pause) => {
    const refusal = says(`{"ok":false,"error_code":429,"description":"slow","parameters":{"retry_after":${pause}}}`);
    const at: number[] = [];
    const timed: Instead = (response) => {
      at.push(performance.now());
      refusal(response);
    };
    server.next('getUpdates', timed, timed);
    line.start({ apiRoot: server.root });
    await api.waitFor(() => server.left === 0 && api.polled);
    const [first = 0, second = 0] = at;
    expect(second - first).toBeGreaterThan(900);
  });
});

describe('a server that sends the bot elsewhere', () => {
  it.each([301, 302, 307, 308])('is not followed: neither token nor message goes there (%i)', async (status) => {
    const other = await bystander();
    const away = says('', { location: `${other.root}/take` }, status);
    server.next('getUpdates', away);
    server.next('sendMessage', away);
    server.next('answerCallbackQuery', away);
    line.start({ apiRoot: server.root });
    await works();
    await api.waitFor(() => server.left === 0);
    expect(other.asked).toEqual([]);
  });

  it.each([
    '../../../../etc/passwd',
    '../sendMessage?chat_id=8&text=hello',
    'documents/../../../bot4242:other/logOut',
    '/var/lib/telegram-bot-api/x/documents/file_0.txt',
    'http://127.0.0.1:1/x',
    '//evil.example/x',
    'documents/./x',
    '..',
    '',
    'C:\\Windows\\win.ini',
    '%2e%2e/%2e%2e/x',
    'documents/a?x=y#z',
    'documents/\\u0000\\ud800',
  ])('by the path of a file gets it from nowhere but its place: %s', async (path) => {
    const other = await bystander();
    line.start({ apiRoot: server.root });
    await desk.ask('Which file?');
    server.next(
      'getFile',
      result(
        `{"file_id":"F","file_path":${JSON.stringify(path.replace('http://127.0.0.1:1', other.root)).replaceAll('\\\\u', '\\u')}}`,
      ),
    );
    ann.sends({ document: { ...api.file('content'), file_name: 'plan.txt' } });
    await line.seen('does not hand out this file');
    const files = server.paths.filter((each) => !new RegExp(`^/bot${api.token}/\\w+$`).test(each) && each !== '/');
    for (const each of files) expect(each).toMatch(new RegExp(`^/file/bot${api.token}/[^?#]+$`));
    for (const each of files) expect(new URL(each, server.root).pathname).toBe(each);
    expect([desk.received, desk.answers, other.asked]).toEqual([[], [], []]);
    await works();
  });

  it.each(['null', '5', '{}', '["a"]'])('names a file by no path: %s', async (path) => {
    line.start({ apiRoot: server.root });
    await desk.ask('Which file?');
    server.next('getFile', result(`{"file_path":${path}}`));
    ann.sends({ document: { ...api.file('content'), file_name: 'plan.txt' } });
    await line.seen('does not hand out this file');
    expect(server.paths.filter((each) => each.startsWith('/file/'))).toEqual([]);
    await works();
  });
});

describe('a file', () => {
  it.each<[string, Instead]>([
    ['that is larger than Telegram hands out', endless(30)],
    ['that is elsewhere', says('', { location: 'http://127.0.0.1:1/' }, 302)],
  ])('%s is not taken', async (_what, instead) => {
    line.start({ apiRoot: server.root });
    await desk.ask('Which file?');
    server.next('file', instead);
    ann.sends({ document: { ...api.file('content'), file_name: 'plan.txt', mime_type: 'image/png', file_size: 3 } });
    await api.waitFor(() => server.left === 0);
    await api.waitFor(() => ann.messages().find(({ text, edits }) => edits > 0 && !text?.includes('Which')));
    expect([desk.received, desk.answers]).toEqual([[], []]);
    await works();
  });

  it('is kept as it came: what is packed stays packed', async () => {
    line.start({ apiRoot: server.root });
    await desk.ask('Which file?');
    const bomb = gzipSync(Buffer.alloc(64 * MEGABYTE));
    server.next('file', says(bomb, { 'content-encoding': 'gzip' }));
    ann.sends({ document: { ...api.file('content'), file_name: 'bomb.gz' } });
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.received).toEqual([{ name: 'bomb.gz', content: bomb.toString('utf8') }]);
  });
});

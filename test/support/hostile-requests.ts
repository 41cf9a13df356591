import { connect, type Socket } from 'node:net';
import fc from 'fast-check';

// Requests that no browser makes, byte by byte: Node's own client would refuse to send most of them.

/** One answer of a server as it came. */
export interface RawReply {
  readonly status: number;
  /** By lower-case name; several of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Empty where none follows, and of a stream of events. */
  readonly body: string;
  /** All of it. */
  readonly text: string;
}

/** Sends bytes over a connection of its own and resolves with the first answer; null: it was closed without one. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<RawReply | null> {
  const noBody = /^HEAD /.test(bytes.toString('latin1'));
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const end = (whole: boolean): void => {
      resolve(replyIn(text, noBody, whole));
      socket.destroy();
    };
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
      if (replyIn(text, noBody, false)) end(false);
    });
    // It may be reset while something is still being sent: what came before that is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => end(true));
  });
}

/** Sends bytes and resolves with all that comes until the server closes the connection. */
export function sendAndListen(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** A connection that says this much and no more; resolves once it is there, or was refused. */
export function openSilent(port: number, bytes = ''): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      if (bytes) socket.write(bytes);
      resolve(socket);
    });
    socket.on('error', () => resolve(socket));
    socket.resume();
  });
}

/** The first whole answer in what came; null while there is none. `closed`: nothing follows. */
function replyIn(text: string, noBody: boolean, closed: boolean): RawReply | null {
  const at = text.indexOf('\r\n\r\n');
  if (at < 0) return null;
  const [first = '', ...lines] = text.slice(0, at).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0);
  if (status >= 100 && status < 200) return replyIn(text.slice(at + 4), noBody, closed);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  const rest = text.slice(at + 4);
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const reply = { status, headers, text };
  if (noBody || status === 304 || isStream) return { ...reply, body: '' };
  const length = headers.get('content-length');
  if (length !== undefined && rest.length >= Number(length)) return { ...reply, body: rest.slice(0, Number(length)) };
  if (headers.get('transfer-encoding') === 'chunked' && rest.endsWith('0\r\n\r\n')) {
    return { ...reply, body: rest.replace(/[0-9a-f]+\r\n([\s\S]*?)\r\n(?=[0-9a-f]+\r\n)|0\r\n\r\n$/g, '$1') };
  }
  return closed ? { ...reply, body: rest } : null;
}

/** Everything the web inbox serves, and more that it might be taken for. */
export const ROUTES = [
  '/',
  '/sessions',
  '/sessions/0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000',
  '/assets/app.js',
  '/assets/app.css',
  '/api/inbox',
  '/api/events',
  '/api/answer',
  '/api/tell',
  '/api/away',
  '/api/questions/0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000',
  '/api/sessions',
  '/api/sessions/0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000/timeline',
  '/api/sessions/0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7000/raw',
  '/favicon.ico',
  '/nothing',
] as const;

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'M-SEARCH',
];

const pathTrick = fc.constantFrom<(path: string) => string>(
  (path) => path,
  (path) => `${path}/../../web.json`,
  (path) => `${path}/%2e%2e/%2e%2e/web.json`,
  (path) => `${path}%2f..%2f..%2fetc/passwd`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replaceAll('/', '\\'),
  (path) => `${path}%00.html`,
  (path) => `${path};jsessionid=1`,
  (path) => `${path}.`,
  (path) => path.toUpperCase(),
  (path) => `/./${path}`,
  (path) => `http://evil.example${path}`,
  (path) => `//evil.example${path}`,
  (path) => `/\\evil.example${path}`,
  (path) => `${path}${'/a'.repeat(3_000)}`,
  (path) => `${path}#/api/inbox`,
  (path) => path.slice(1),
  () => '*',
  () => 'evil.example:443',
);
const query = fc.constantFrom(
  '',
  '?',
  '?token=',
  '?token=wrong',
  '?token=%00&token=%ff',
  '?q=%E0%A4%A&after=../../x&before=%00',
  `?q=${'('.repeat(500)}a%2B%2B`,
  `?q=${'%5C'.repeat(300)}`,
  '?state=constructor&project=__proto__&after=live_1_../../../etc/passwd-aaaaaaaaaaaaa',
  '?before=99999999999999999999&type=constructor,__proto__,,',
  '?<script>alert(1)</script>',
  `?${'a=b&'.repeat(1_500)}`,
);

/** A header, or several of one name; a list of pairs keeps its order. */
type Header = readonly [string, string];

// What is said beside method, path and host. Marks in them are put in by `bytesOf`: {host}, {origin}.
const oddHeaders: fc.Arbitrary<Header> = fc.constantFrom<Header>(
  ['authorization', 'Bearer {guess}'],
  ['cookie', 'switchboard-00000000=guess; switchboard-00000000='],
  ['cookie', `a=b; ${'c=d; '.repeat(1_000)}`],
  ['cookie', 'switchboard=; ; =; ;;;=='],
  ['cookie', 'x'.repeat(12_000)],
  ['x-http-method-override', 'POST'],
  ['x-forwarded-host', '127.0.0.1'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-original-url', '/api/inbox'],
  ['x-rewrite-url', '/api/inbox'],
  ['forwarded', 'host=localhost'],
  ['referer', '{origin}/'],
  ['range', 'bytes=0-,0-,0-,0-'],
  ['if-none-match', '*'],
  ['if-modified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['accept', '../../etc/passwd'],
  ['accept-encoding', 'gzip;q=1e999'],
  ['expect', '100-continue'],
  ['expect', 'the unexpected'],
  ['upgrade', 'websocket'],
  ['upgrade', 'h2c'],
  ['connection', 'upgrade'],
  ['connection', 'close'],
  ['te', 'trailers'],
  ['x-<script>', '<script>alert(1)</script>'],
  ['sec-fetch-mode', 'navigate'],
  ['sec-fetch-site', 'none'],
  ['x-nul', 'a\0b'],
  ['x-latin', '\xff\xfe'],
  ['x-long', 'z'.repeat(30_000)],
);

const body = fc.constantFrom(
  '',
  '{}',
  'null',
  '[]',
  '{"question_id":',
  '['.repeat(30_000),
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}',
  '{"question_id":"../../etc/passwd","press_id":"{uuid}","text":"x"}',
  '{"question_id":"{question}","press_id":"{uuid}","options":[-1]}',
  '{"question_id":"{question}","press_id":"{uuid}","options":[1e308]}',
  '{"question_id":"{question}","press_id":"{uuid}","options":["0"]}',
  '{"question_id":"{question}","press_id":"{uuid}","text":["Yes"]}',
  '{"question_id":"{question}","press_id":"../..","text":"Yes"}',
  '{"session_id":"{question}","press_id":"{uuid}","text":5}',
  '{"away":"true"}',
  '\x1f\x8b\x08\0\0\0\0\0',
  '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nYes\r\n--b--',
  'question_id={question}&text=Yes',
  'x'.repeat(70_000),
);
const contentType = fc.constantFrom(
  undefined,
  'application/json',
  'application/json; charset=utf-7',
  'APPLICATION/JSON;',
  'application/json-patch+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'application/json, text/plain',
);

/** What a request says of where it comes from. */
const from = fc.constantFrom<'own' | 'silent' | string>(
  'own',
  'silent',
  'null',
  'https://evil.example',
  'http://127.0.0.1:1',
  'http://localhost',
  '{origin}.evil.example',
  '{origin}, https://evil.example',
);
/** By which name the server is asked; undefined: by none. */
const host = fc.constantFrom<string | undefined>(
  '{host}',
  '{host}',
  undefined,
  '',
  'evil.example',
  'evil.example:{port}',
  'localhost.:{port}',
  '127.0.0.1',
  '127.0.0.1:{port}.evil.example',
  '127.1:{port}',
  '2130706433:{port}',
  '[::ffff:127.0.0.1]:{port}',
  'user@127.0.0.1:{port}',
  ' ',
);

/** A request as plain data, so that a failing case can be read. */
export interface HostileRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly from: string;
  readonly odd: readonly Header[];
  readonly contentType: string | undefined;
  readonly body: string;
  readonly framing: 'length' | 'chunked' | 'none';
  readonly version: '1.1' | '1.0';
}

export const hostileRequest: fc.Arbitrary<HostileRequest> = fc.record({
  method: fc.oneof(fc.constantFrom('GET', 'POST'), fc.constantFrom(...METHODS)),
  target: fc
    .tuple(fc.constantFrom(...ROUTES), pathTrick, query)
    .map(([route, trick, more]) => `${trick(route)}${more}`),
  host,
  from,
  odd: fc.array(oddHeaders, { maxLength: 3 }),
  contentType,
  body,
  framing: fc.constantFrom('length', 'chunked', 'none'),
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
});

/** Where a request goes, and what stands for the marks in it. */
export interface Target {
  readonly port: number;
  readonly marks: Readonly<Record<string, string>>;
  /** Said beside the rest, e.g. the cookie. */
  readonly headers?: readonly Header[];
}

/** The request as it goes over the line. */
export function bytesOf(request: HostileRequest, { port, marks, headers = [] }: Target): Buffer {
  const origin = `http://127.0.0.1:${port}`;
  const all: Readonly<Record<string, string>> = { port: String(port), host: `127.0.0.1:${port}`, origin, ...marks };
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (mark, name: string) => all[name] ?? mark);
  const content = filled(request.body);
  const lines = [`${request.method} ${request.target} HTTP/${request.version}`];
  const say = (name: string, value: string): void => void lines.push(`${name}: ${filled(value)}`);
  if (request.host !== undefined) say('host', request.host);
  if (request.from !== 'silent') say('origin', request.from === 'own' ? '{origin}' : request.from);
  if (request.contentType !== undefined) say('content-type', request.contentType);
  for (const [name, value] of [...headers, ...request.odd]) say(name, value);
  if (request.framing === 'length') say('content-length', String(Buffer.byteLength(content, 'latin1')));
  if (request.framing === 'chunked') say('transfer-encoding', 'chunked');
  const chunked = content === '' ? '0\r\n\r\n' : `${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`;
  const sent = { length: content, chunked, none: '' }[request.framing];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${sent}`, 'latin1');
}

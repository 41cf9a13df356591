import { randomUUID } from 'node:crypto';
import { request as send } from 'node:http';
import { onTestFinished } from 'vitest';
import type { AnswerResponse, Inbox, PageCard, PageEvents } from '../../src/channels/web/wire.ts';
import { readWebPlace, type WebPlace } from '../../src/runtime/web-place.ts';
import { until } from './switchboard.ts';

/** What the server answered. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What to send; headers may be forged. */
export interface Wish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One event of the stream. */
type PageEvent = { [E in keyof PageEvents]: { readonly event: E; readonly data: PageEvents[E] } }[keyof PageEvents];

/** Asks the server once, with exactly these headers. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Wish = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Waits until the hub of a home serves its inbox. */
export async function inboxPlace(home: string): Promise<WebPlace> {
  const serves = async (): Promise<boolean> => {
    const place = readWebPlace(home);
    if (!place) return false;
    return ask(place.port, '/').then(
      ({ status }) => status === 401,
      () => false,
    );
  };
  await until(serves, () => `an inbox of the hub in ${home}`);
  return readWebPlace(home) as WebPlace;
}

/** A browser without eyes: it has the cookie of a home's inbox and does what the page does. */
export class WebClient {
  readonly port: number;
  readonly cookie: string;

  constructor(port: number, cookie: string) {
    this.port = port;
    this.cookie = cookie;
  }

  /** Goes in with the link that the hub prints. */
  static async enter(home: string): Promise<WebClient> {
    const { port, token } = await inboxPlace(home);
    const { headers } = await ask(port, `/?token=${token}`);
    const [cookie = ''] = String(headers['set-cookie']).split(';');
    return new WebClient(port, cookie);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  ask(path: string, { headers, ...wish }: Wish = {}): Promise<Reply> {
    return ask(this.port, path, { ...wish, headers: { cookie: this.cookie, ...headers } });
  }

  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.ask(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
    return JSON.parse(body);
  }

  /** The first open card, as soon as there is one. */
  async firstCard(): Promise<PageCard> {
    const first = async () => (await this.get<Inbox>('/api/inbox')).open[0];
    await until(
      async () => (await first()) !== undefined,
      () => 'an open card on the page',
    );
    return (await first()) as PageCard;
  }

  /** Posts as the page does, and returns what the hub says. */
  async post<T>(path: string, body: object): Promise<T> {
    const headers = { origin: this.origin, 'content-type': 'application/json' };
    const reply = await this.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.body}`);
    return JSON.parse(reply.body);
  }

  /** Answers a question as the page does. */
  async answer(
    question_id: string,
    given: ({ text: string } | { options: number[] }) & { confirmed?: true; pin?: string },
    press_id: string = randomUUID(),
  ): Promise<AnswerResponse> {
    return this.post('/api/answer', { question_id, press_id, ...given });
  }

  /** Opens a page: its events until the test has finished, or it is closed. */
  async open(): Promise<OpenPage> {
    const page = new OpenPage(this);
    onTestFinished(() => page.close());
    await page.has('inbox', () => true);
    return page;
  }
}

/** The event stream of an open page. */
export class OpenPage {
  readonly events: PageEvent[] = [];
  ended = false;
  readonly #request: ReturnType<typeof send>;

  constructor({ port, cookie }: WebClient) {
    let rest = '';
    this.#request = send(
      { host: '127.0.0.1', port, path: '/api/events', headers: { cookie }, agent: false },
      (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          const blocks = (rest + text).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) this.#take(block);
        });
        response.on('close', () => (this.ended = true));
        response.on('error', () => (this.ended = true));
      },
    );
    this.#request.on('error', () => (this.ended = true));
    this.#request.end();
  }

  /** Waits for an event of that name whose data fit, and returns the data of the newest such. */
  async has<E extends keyof PageEvents>(event: E, fits: (data: PageEvents[E]) => boolean): Promise<PageEvents[E]> {
    const find = (): PageEvents[E] | undefined =>
      this.events
        .filter((each): each is Extract<PageEvent, { event: E }> => each.event === event)
        .map(({ data }) => data as PageEvents[E])
        .findLast(fits);
    await until(
      () => find() !== undefined,
      () => `${event} among ${JSON.stringify(this.events).slice(0, 4_000)}`,
    );
    return find() as PageEvents[E];
  }

  close(): void {
    this.#request.destroy();
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 2)]));
    const event = fields.get('event');
    if (event) this.events.push({ event, data: JSON.parse(fields.get('data') ?? '') } as PageEvent);
  }
}

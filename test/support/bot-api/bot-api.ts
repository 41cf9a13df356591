import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WAIT_MS_MAX } from '../patience.ts';
import { CallbackQueries } from './callback-queries.ts';
import { nextChange } from './changes.ts';
import { BOT, Chats } from './chats.ts';
import { type Fault, Faults, type FloodLimit, tooManyRequests } from './faults.ts';
import { serveFile } from './file-endpoint.ts';
import { type FileHandle, Files } from './files.ts';
import type { Topic } from './forum.ts';
import { readBody, send } from './http-messages.ts';
import { carryOut, type Server } from './methods.ts';
import { readPayload } from './multipart.ts';
import { checkParameters, isMethod } from './parameters.ts';
import { Person } from './person.ts';
import { Updates } from './updates.ts';
import { WebhookSender } from './webhook.ts';
import { ApiRefusal, type Chat, type Payload, type UpdateBody } from './wire.ts';

const LOOK_MS = 50;
// None that a system gives to whoever wants any: while this one is away, nobody gets its port, and no program that looks for it
// is connected with itself.
const PORTS = [30_000, 32_768] as const;
const TRIES_MAX = 100;

/** One call as it arrived. */
export interface ApiRequest {
  readonly method: string;
  readonly payload: Payload;
  /** `process.hrtime.bigint()` at the arrival of its last byte. */
  readonly arrivedAt: bigint;
  /** HTTP status of the answer; null while there is none, or when the connection was cut. */
  status: number | null;
  /** What a refusal said. */
  description?: string;
}

/**
 * A small Bot API over real HTTP on loopback, as strict as Telegram's about what it documents. It belongs to one bot
 * with one token, holds everything in memory, and lets a test play the people and the faults.
 */
export class BotApi {
  readonly requests: ApiRequest[] = [];
  /** Its own: a bot that still looks for another one, whose port this one has got, is nobody here. */
  readonly token = `${BOT.id}:AAF-secret_secret_${randomBytes(8).toString('hex')}`;
  readonly #faults = new Faults();
  readonly #server: Server;
  readonly #people = new Map<number, Person>();
  readonly #watchers = new Set<() => void>();
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  readonly #closing = new AbortController();
  /** Connections that were opened so far. */
  connections = 0;

  /** `now`: milliseconds since the epoch, for tests that move the clock. */
  constructor(now: () => number = Date.now) {
    const updates = new Updates(now);
    this.#server = {
      chats: new Chats(now),
      updates,
      queries: new CallbackQueries(now),
      faults: this.#faults,
      files: new Files(),
      now,
      webhook: new WebhookSender(updates, now, () => this.#changed()),
      commands: new Map(),
    };
    this.#http.on('connection', () => {
      this.connections += 1;
    });
  }

  /** Listens on loopback; a free port unless one is given, e.g. to come back where it was. */
  async listen(port?: number): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.#http.listen(port ?? randomInt(...PORTS), '127.0.0.1');
      try {
        await once(this.#http, 'listening');
        return;
      } catch (error) {
        if (port !== undefined || tries === TRIES_MAX) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#server.updates.close();
    this.#server.webhook.close();
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  /** What goes into TELEGRAM_API_ROOT. */
  get root(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Somebody who has opened a private chat with the bot; the chat's id is the person's. */
  user(id: number, name: string): Person {
    const known = this.#people.get(id);
    if (known) return known;
    this.#server.chats.open({ id, type: 'private', first_name: name });
    const person = new Person(id, name, this.#server, () => this.#changed());
    this.#people.set(id, person);
    return person;
  }

  /** A group with the bot in it; its id is negative. */
  group(id: number, title: string, { privacy = true } = {}): void {
    this.#server.chats.open({ id, type: 'supergroup', title } satisfies Chat, privacy);
  }

  /** A group with topics; the bot may manage them unless `rights` says no. */
  forum(id: number, title: string, { rights = true, privacy = true } = {}): void {
    this.#server.chats.open({ id, type: 'supergroup', title, is_forum: true }, privacy);
    this.setTopicRights(id, rights);
  }

  setTopicRights(id: number, rights: boolean): void {
    const { forum } = this.#server.chats.inside(id);
    if (forum) forum.rights = rights;
  }

  /** The topics of a forum as they are now, by their thread id. */
  topics(id: number): ReadonlyMap<number, Topic> {
    return this.#server.chats.inside(id).forum?.topics ?? new Map();
  }

  /** A person deletes a topic with all that was said in it. */
  deleteTopic(id: number, thread: number): void {
    const { forum, messages } = this.#server.chats.inside(id);
    forum?.topics.delete(thread);
    for (const [number, { message }] of messages) if (message.message_thread_id === thread) messages.delete(number);
    this.#changed();
  }

  /** Makes a group a supergroup of another id, as Telegram does when e.g. its history is made visible. */
  migrate(id: number, to: number): void {
    const from = this.#server.chats.inside(id);
    this.#server.chats.open({ ...from.chat, id: to, type: 'supergroup' }, from.privacy);
    from.movedTo = to;
  }

  /** Keeps what a person is going to send; goes into the message's own fields, e.g. `{ document: api.file('…') }`. */
  file(content: string | Buffer, facts: { size?: number; tellsSize?: boolean } = {}): FileHandle {
    return this.#server.files.add(content, facts);
  }

  /** The next `times` calls of a method (`*`: of any) meet a fault. */
  fail(method: string, fault: Fault, times = 1): void {
    this.#faults.order(method, fault, times);
  }

  /** The messages at the top of a chat, the newest last. */
  pinned(chat: number): number[] {
    return [...this.#server.chats.inside(chat).pinned];
  }

  /** May the bot pin messages in this chat? */
  setPinRights(chat: number, may: boolean): void {
    this.#server.chats.inside(chat).mayPin = may;
  }

  /** Ends all ordered faults. */
  heal(): void {
    this.#faults.clear();
  }

  /** Sends and edits beyond the limit get 429; null lifts it. */
  limit(limit: FloodLimit | null): void {
    this.#faults.limit = limit;
  }

  /** Sets a webhook, as another program with this token may have done. */
  set webhookUrl(url: string) {
    this.#server.webhook.url = url;
  }

  get webhookUrl(): string {
    return this.#server.webhook.url;
  }

  /** Telegram's side of the webhook. */
  get webhook(): WebhookSender {
    return this.#server.webhook;
  }

  /** What setMyCommands set, by scope: `''` everybody, `7` a chat, `-100:7` a member of a group. */
  get commands(): ReadonlyMap<string, unknown> {
    return this.#server.commands;
  }

  /** Updates that the bot has not confirmed. */
  get unconfirmed(): number {
    return this.#server.updates.unconfirmed;
  }

  /** Is the bot polling at this moment? */
  get polled(): boolean {
    return this.#server.updates.polled;
  }

  /** Hands the bot an update that no person here can cause. */
  push(update: UpdateBody): void {
    this.#server.updates.push(update);
    this.#changed();
  }

  /** Hands out, once, what Telegram would never send, as it is; `numbered` puts the next update's id into it. */
  forge(update: unknown, { numbered = true } = {}): void {
    this.#server.updates.forge(update, numbered);
    this.#changed();
  }

  /** Has the bot handled all updates that there are, and come back for more? */
  get idle(): boolean {
    return this.#server.updates.idle;
  }

  /** Hands out the last `count` updates again although they were confirmed. */
  repeat(count = 1): void {
    this.#server.updates.repeat(count);
  }

  /** Turns round the order of the updates that wait, as if the older ones had been held up on the way. */
  reverse(): void {
    this.#server.updates.reverse();
  }

  /** Forgets the updates that wait, as Telegram does with presses that nobody fetched in time. */
  forget(): void {
    this.#server.updates.drop();
  }

  /** Resets every connection that is open. */
  cut(): void {
    this.#http.closeAllConnections();
  }

  /** The calls of one method so far. */
  calls(method: string): ApiRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** Resolves with the first truthy value of `look`, asked again after everything that happens here, and now and then. */
  async waitFor<T>(look: () => T, timeoutMs = WAIT_MS_MAX): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const value = look();
      if (value) return value as Exclude<T, false | 0 | '' | null | undefined>;
      if (signal.aborted) {
        const last = this.requests.slice(-8).map(({ method, status, description }) => [method, status, description]);
        throw new Error(`Not seen within ${timeoutMs} ms: ${look}\nLast calls: ${JSON.stringify(last)}`);
      }
      // What is looked at may be elsewhere: a result of a tool, a file.
      await nextChange(this.#watchers, LOOK_MS);
    }
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      if (request.url?.startsWith('/file/')) {
        return await serveFile(request.url, response, {
          token: this.token,
          files: this.#server.files,
          faults: this.#faults,
        });
      }
      const body = await readBody(request);
      const arrivedAt = process.hrtime.bigint();
      const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
      if (token !== this.token)
        return send(response, new ApiRefusal(token ? 401 : 404, token ? 'Unauthorized' : 'Not Found'));
      if (!isMethod(method)) return send(response, new ApiRefusal(404, 'Not Found'));
      const call: ApiRequest = {
        method,
        payload: readPayload(body, request.headers['content-type']),
        arrivedAt,
        status: null,
      };
      this.requests.push(call);
      this.#changed();
      await this.#answer(call, response, gone.signal);
    } catch (error) {
      response.socket?.destroy(error as Error);
    } finally {
      this.#changed();
    }
  }

  async #answer(call: ApiRequest, response: ServerResponse, gone: AbortSignal): Promise<void> {
    let fault = this.#faults.next(call.method);
    if (fault?.kind === 'hold') {
      await fault.until;
      fault = fault.instead?.() ?? null;
    }
    if (fault?.kind === 'reset') return void response.socket?.resetAndDestroy();
    if (fault?.kind === 'black hole') return;
    if (fault?.kind === 'delay') await delay(fault.ms, undefined, { signal: this.#closing.signal });
    const result = await this.#outcome(call, fault, gone);
    this.#changed();
    if (fault?.kind === 'held answer') await fault.until;
    if (fault?.kind === 'lost answer') return void response.socket?.resetAndDestroy();
    call.status = result instanceof ApiRefusal ? result.code : 200;
    if (result instanceof ApiRefusal) call.description = result.message;
    send(response, result);
  }

  async #outcome(call: ApiRequest, fault: Fault | null, gone: AbortSignal): Promise<unknown> {
    try {
      if (fault?.kind === 'flood') throw tooManyRequests(fault.retryAfter);
      if (fault?.kind === 'status') throw new ApiRefusal(fault.code, fault.description ?? 'Bad Gateway');
      checkParameters(call.method, call.payload);
      return await carryOut(this.#server, call.method, call.payload, gone);
    } catch (error) {
      if (error instanceof ApiRefusal) return error;
      throw error;
    }
  }
}

/** A Bot API that listens; the caller closes it. */
export async function startBotApi(now?: () => number): Promise<BotApi> {
  const api = new BotApi(now);
  await api.listen();
  return api;
}

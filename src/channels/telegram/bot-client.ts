import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SandwichStream } from 'sandwich-stream/dist/sandwich-stream.js';
import { Telegram, TelegramError } from 'telegraf';
import type { ApiMethods } from 'telegraf/types';
import { download, fileUrl } from './file-download.ts';
import { askServerDate } from './server-date.ts';

type Api = ApiMethods<never>;

/** The methods in use. */
export type Method = Extract<
  keyof Api,
  | 'getMe'
  | 'getUpdates'
  | 'getWebhookInfo'
  | 'deleteWebhook'
  | 'setWebhook'
  | 'setMyCommands'
  | 'deleteMyCommands'
  | 'deleteMessage'
  | 'sendMessage'
  | 'sendDocument'
  | 'pinChatMessage'
  | 'unpinChatMessage'
  | 'editMessageText'
  | 'editMessageReplyMarkup'
  | 'answerCallbackQuery'
  | 'getFile'
  | 'getChat'
  | 'getForumTopicIconStickers'
  | 'createForumTopic'
  | 'editForumTopic'
  | 'closeForumTopic'
  | 'reopenForumTopic'
>;

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** A method's parameters; telegraf leaves out those that are undefined. */
export type PayloadOf<M extends Method> = M extends 'getMe' | 'getWebhookInfo' | 'getForumTopicIconStickers'
  ? Record<string, never>
  : Loose<NonNullable<Parameters<Api[M]>[0]>>;
export type ResultOf<M extends Method> = ReturnType<Api[M]>;

/** What a failed call means for the caller. */
export type FaultKind =
  /** Too many messages; `retryAfterMs` says when to come again. */
  | 'flood'
  /** Telegram or something on the way answers 5xx, or nonsense. */
  | 'server'
  /** No connection, a broken one, or no answer in time. The call may have happened. */
  | 'network'
  /** Somebody else polls with this token. */
  | 'conflict'
  /** The token is wrong or revoked. */
  | 'token'
  /** The person blocked the bot, or the bot is not in the chat. */
  | 'forbidden'
  /** Telegram understood and declined. */
  | 'refused'
  /** The caller's own signal ended it. */
  | 'aborted';

/** A call that failed. Says what failed in words without the token, which stands in every URL of the Bot API. */
export class BotFault extends Error {
  readonly kind: FaultKind;
  readonly retryAfterMs: number;
  /** The supergroup that the group has become. */
  readonly movedTo: string | null;
  constructor(kind: FaultKind, message: string, retryAfterMs = 0, movedTo: string | null = null) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
    this.movedTo = movedTo;
  }
}

/** The bot, as updates name it. */
export interface BotIdentity {
  readonly id: number;
  readonly username: string;
}

/** What ends a call. */
export interface CallLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** How long a call may take that does not wait for people. */
export const CALL_MS_MAX = 15_000;
// An idle connection is closed here before a server or a firewall forgets it, since a message that goes into a
// forgotten one is lost until its retry.
const IDLE_SOCKET_MS = 20_000;

// What telegraf uploads files by reads a part once for each `readable`. Since Node 26 that is one chunk of several, and the
// upload would never end. By its name alone one may get the package's ES module instead, which telegraf does not use.
Object.assign(SandwichStream.prototype, {
  currentStreamOnReadable(this: Readable & { readonly currentStream: Readable }) {
    let data = this.currentStream.read();
    while (data !== null) {
      this.push(data);
      data = this.currentStream.read();
    }
  },
});

/** Calls the Bot API over kept-alive connections. Does not retry. */
export class BotClient {
  readonly #telegram: Telegram;
  readonly #root: string;
  readonly #files: string;
  readonly #agent: http.Agent;
  #me: Promise<BotIdentity> | null = null;
  #known: BotIdentity | null = null;

  constructor(token: string, apiRoot: string, proxy?: string) {
    // With a slash: what follows the last one of a base is not part of the URLs that are made from it.
    this.#telegram = new Telegram(token, { apiRoot: `${apiRoot}/` });
    this.#root = apiRoot;
    this.#files = `${apiRoot}/file/bot${token}`;
    const options = { keepAlive: true, keepAliveMsecs: 10_000, timeout: IDLE_SOCKET_MS };
    // telegraf drops a given agent for http roots; a Bot API server on loopback deserves kept connections, too.
    this.#agent = apiRoot.startsWith('http:')
      ? new http.Agent(options)
      : proxy
        ? new HttpsProxyAgent(proxy, options)
        : new https.Agent(options);
    this.#telegram.options.agent = agentFor(apiRoot, this.#agent) as unknown as http.Agent;
  }

  /** @throws BotFault, also when no answer came within `timeoutMs` or `signal` aborted. */
  async call<M extends Method>(method: M, payload: PayloadOf<M>, limits: CallLimits): Promise<ResultOf<M>> {
    return this.#limited(limits, async (signal) => {
      const options = { signal: signal as never };
      return (await this.#telegram.callApi(method, payload as never, options)) as ResultOf<M>;
    });
  }

  /**
   * Fetches a file that `getFile` has named; more than `bytesMax` are not taken.
   *
   * @throws BotFault
   */
  download(path: unknown, bytesMax: number, limits: CallLimits): Promise<Uint8Array> {
    const agent = this.#agent;
    return this.#limited(limits, (signal) => download(fileUrl(this.#files, path), { agent, signal, bytesMax }));
  }

  /**
   * What time it is at the server, to the second; null when it does not say. Needs no right token.
   *
   * @throws BotFault
   */
  serverDate(limits: CallLimits): Promise<Date | null> {
    const agent = this.#agent;
    return this.#limited(limits, (signal) => askServerDate(this.#root, { agent, signal }));
  }

  async #limited<T>({ signal, timeoutMs }: CallLimits, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const abort = () => limit.abort();
    const timer = setTimeout(abort, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await call(limit.signal);
    } catch (error) {
      if (signal.aborted) throw new BotFault('aborted', 'stopped');
      if (limit.signal.aborted) throw new BotFault('network', `no answer within ${Math.round(timeoutMs / 1000)} s`);
      throw faultOf(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Who the bot is, if Telegram has said so already. */
  get known(): BotIdentity | null {
    return this.#known;
  }

  /**
   * Who the bot is, asked once.
   *
   * @throws BotFault
   */
  async me(signal: AbortSignal): Promise<BotIdentity> {
    this.#me ??= this.call('getMe', {}, { signal, timeoutMs: CALL_MS_MAX }).then(
      ({ id, username }) => {
        this.#known = { id, username };
        return this.#known;
      },
      (error: unknown) => {
        this.#me = null;
        throw error;
      },
    );
    return this.#me;
  }

  /** Closes the kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/**
 * The agent for one server, asked before each hop. The library follows redirects, and takes a message's text along; the
 * Bot API sends nobody anywhere.
 */
function agentFor(root: string, agent: http.Agent): (hop: URL) => http.Agent {
  const { protocol, host } = new URL(root);
  return (hop) => {
    if (hop.protocol === protocol && hop.host === host) return agent;
    const there = `${hop.protocol}//${hop.host}`;
    throw new BotFault('server', `it leads on to ${there}; if that is right, set TELEGRAM_API_ROOT to it`);
  };
}

/** What telegraf threw, without the text of errors that may quote the URL. */
function faultOf(error: unknown): BotFault {
  if (error instanceof BotFault) return error;
  if (error instanceof TelegramError) return refusalOf(error);
  const { type, code } = error as { type?: string; code?: string };
  if (type === 'invalid-json') return new BotFault('server', 'the answer is not one of the Bot API');
  return new BotFault('network', code ?? type ?? 'the connection broke');
}

function refusalOf({ code, description, parameters }: TelegramError): BotFault {
  const message = `${code} ${description}`;
  if (code === 429) return new BotFault('flood', message, retryAfterMs(parameters?.retry_after));
  if (code >= 500) return new BotFault('server', message);
  if (code === 409) return new BotFault('conflict', message);
  if (code === 401 || code === 404) return new BotFault('token', message);
  const movedTo = parameters?.migrate_to_chat_id;
  if (movedTo !== undefined) return new BotFault('refused', message, 0, String(movedTo));
  return new BotFault(code === 403 ? 'forbidden' : 'refused', message);
}

/** What is no number would be no pause at all. */
function retryAfterMs(seconds: unknown): number {
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : 1000;
}

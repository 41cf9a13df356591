import type { Updates } from './updates.ts';
import { ApiRefusal, badRequest, type Payload, type Update } from './wire.ts';

const PORTS = ['', '443', '80', '88', '8443'];
/** Telegram comes again after a while; here it is in a hurry. */
const RETRY_MS = 20;
const SET_GAP_MS = 1_000;

/** A post to the webhook, and what came back: a status, or null when nobody answered. */
export interface WebhookPost {
  readonly update: Update;
  status: number | null;
}

/** Telegram's side of a webhook: posts each update by real HTTP, and again until it is answered with 2xx. */
export class WebhookSender {
  readonly posts: WebhookPost[] = [];
  /** Leads a public URL to where the bot listens, as the reverse proxy does that ends TLS in front of it. */
  reach: (url: URL) => URL = () => new URL('http://127.0.0.1:9');
  url = '';
  readonly #updates: Updates;
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #inFlight = new Set<number>();
  #secret: string | undefined;
  #connectionsMax = 40;
  #setAt = Number.NEGATIVE_INFINITY;
  #lastError: { date: number; message: string } | null = null;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(updates: Updates, now: () => number, changed: () => void) {
    this.#updates = updates;
    this.#now = now;
    this.#changed = changed;
    updates.onPush = () => this.deliver();
  }

  set(payload: Payload): true {
    const { url, secret_token: secret, max_connections: connections, allowed_updates: allowed } = payload;
    if (this.#now() - this.#setAt < SET_GAP_MS) {
      throw new ApiRefusal(429, 'Too Many Requests: retry after 1', { retry_after: 1 });
    }
    this.#setAt = this.#now();
    if (typeof url !== 'string') throw badRequest('bad webhook: invalid webhook URL specified');
    if (url !== '') checkUrl(url);
    if (secret !== undefined && !/^[A-Za-z0-9_-]{1,256}$/.test(String(secret))) {
      throw badRequest('secret token contains unallowed characters');
    }
    if (connections !== undefined && !(Number(connections) >= 1 && Number(connections) <= 100)) {
      throw badRequest('invalid max_connections specified');
    }
    if (Array.isArray(allowed)) this.#updates.allow(allowed);
    if (payload.drop_pending_updates === true) this.#updates.drop();
    this.url = url;
    this.#secret = secret === undefined ? undefined : String(secret);
    this.#connectionsMax = Number(connections ?? 40);
    this.#lastError = null;
    this.deliver();
    return true;
  }

  remove(payload: Payload): true {
    if (payload.drop_pending_updates === true) this.#updates.drop();
    this.url = '';
    this.#secret = undefined;
    return true;
  }

  info(): object {
    return {
      url: this.url,
      has_custom_certificate: false,
      pending_update_count: this.#updates.unconfirmed,
      ...(this.url === '' ? {} : { max_connections: this.#connectionsMax, allowed_updates: this.#updates.allowed }),
      ...(this.#lastError
        ? { last_error_date: Math.floor(this.#lastError.date / 1000), last_error_message: this.#lastError.message }
        : {}),
    };
  }

  /** Posts what waits, as many at once as the bot allows. */
  deliver(): void {
    if (this.url === '' || this.#closed) return;
    for (const update of this.#updates.waiting()) {
      if (this.#inFlight.size >= this.#connectionsMax) return;
      if (!this.#inFlight.has(update.update_id)) void this.#post(update);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  async #post(update: Update): Promise<void> {
    const post: WebhookPost = { update, status: null };
    this.posts.push(post);
    this.#inFlight.add(update.update_id);
    try {
      const answer = await fetch(this.reach(new URL(this.url)), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.#secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': this.#secret }),
        },
        body: JSON.stringify(update),
      });
      post.status = answer.status;
      await answer.arrayBuffer();
      if (answer.ok) this.#updates.confirmOne(update.update_id);
      else this.#failed(`Wrong response from the webhook: ${answer.status} ${answer.statusText}`);
    } catch {
      this.#failed('Connection refused');
    } finally {
      this.#inFlight.delete(update.update_id);
      this.#changed();
      if (post.status !== null && post.status < 300) this.deliver();
    }
  }

  #failed(message: string): void {
    this.#lastError = { date: this.#now(), message };
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => this.deliver(), RETRY_MS);
  }
}

function checkUrl(url: string): void {
  if (!URL.canParse(url)) throw badRequest('bad webhook: invalid webhook URL specified');
  const { protocol, port } = new URL(url);
  if (protocol !== 'https:') throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  if (!PORTS.includes(port)) {
    throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
}

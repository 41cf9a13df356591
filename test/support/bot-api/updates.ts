import { ApiRefusal, type Update, type UpdateBody } from './wire.ts';

/** Telegram forgets a button press that nobody fetched for this long. */
const UNFETCHED_PRESS_MS_MAX = 150_000;
const DEFAULT_ALLOWED = ['message', 'edited_message', 'callback_query', 'channel_post'];

interface Poll {
  readonly limit: number;
  readonly resolve: (updates: unknown[]) => void;
  readonly reject: (refusal: ApiRefusal) => void;
  readonly timer: NodeJS.Timeout;
}

/** The updates that wait for the bot: handed out again and again until a later offset confirms them. */
export class Updates {
  readonly #now: () => number;
  readonly #waiting: { readonly update: Update; readonly at: number }[] = [];
  readonly #handedOut: Update[] = [];
  readonly #forged: unknown[] = [];
  #allowed: readonly string[] = DEFAULT_ALLOWED;
  #lastId = 1000;
  /** Called when an update has come. */
  onPush: () => void = () => undefined;
  #poll: Poll | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many updates are not confirmed yet. */
  get unconfirmed(): number {
    return this.#live().length;
  }

  /** Is a poll open at this moment? */
  get polled(): boolean {
    return this.#poll !== null;
  }

  /** The kinds of updates that the bot has asked for last. */
  get allowed(): readonly string[] {
    return this.#allowed;
  }

  allow(kinds: readonly string[]): void {
    this.#allowed = kinds.length > 0 ? kinds : DEFAULT_ALLOWED;
  }

  /** What the bot has not confirmed, oldest first. */
  waiting(): Update[] {
    return this.#live().map(({ update }) => update);
  }

  confirmOne(id: number): void {
    const at = this.#waiting.findIndex(({ update }) => update.update_id === id);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** Forgets all that waits. */
  drop(): void {
    this.#waiting.length = 0;
  }

  push(body: UpdateBody): void {
    if (!this.#allowed.some((kind) => kind in body)) return;
    this.#lastId += 1;
    this.#waiting.push({ update: { update_id: this.#lastId, ...body }, at: this.#now() });
    this.onPush();
    this.#deliver();
  }

  /**
   * Hands out, once, what no server of Telegram's sends: of any kind, whether asked for or not, as it is. `numbered` puts
   * the next id into it.
   */
  forge(update: unknown, numbered: boolean): void {
    if (numbered) this.#lastId += 1;
    this.#forged.push(numbered ? { update_id: this.#lastId, ...(update as object) } : update);
    this.#deliver();
  }

  /** Was everything handed out and confirmed, and has the bot come back for more? */
  get idle(): boolean {
    return this.polled && this.#forged.length === 0 && this.unconfirmed === 0;
  }

  /** Hands out the last updates again although they were confirmed, as a server does that lost the confirmation. */
  repeat(count: number): void {
    const waiting = new Set(this.#waiting.map(({ update }) => update.update_id));
    for (const update of this.#handedOut.slice(-count)) {
      if (!waiting.has(update.update_id)) this.#waiting.push({ update, at: this.#now() });
    }
    this.#waiting.sort((a, b) => a.update.update_id - b.update.update_id);
    this.onPush();
    this.#deliver();
  }

  /** Turns round the order of what waits; the ids stay with their updates. */
  reverse(): void {
    this.#waiting.reverse();
  }

  /** A long poll. A second one at the same time ends the first one with a conflict. */
  poll(
    request: { offset: number; limit: number; timeoutMs: number; allowed: readonly string[] | undefined },
    gone: AbortSignal,
  ): Promise<unknown[]> {
    this.#end((poll) =>
      poll.reject(
        new ApiRefusal(
          409,
          'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
        ),
      ),
    );
    if (request.allowed) this.allow(request.allowed);
    this.#confirm(request.offset);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end((poll) => poll.resolve([])), request.timeoutMs);
      const poll = { limit: request.limit, resolve, reject, timer };
      this.#poll = poll;
      gone.addEventListener('abort', () => {
        if (this.#poll === poll) this.#end(() => resolve([]));
      });
      this.#deliver();
    });
  }

  close(): void {
    this.#end((poll) => poll.resolve([]));
  }

  #confirm(offset: number): void {
    if (offset < 0) {
      this.#waiting.splice(0, Math.max(0, this.#waiting.length + offset));
      return;
    }
    const left = this.#waiting.filter(({ update }) => update.update_id >= offset);
    this.#waiting.splice(0, this.#waiting.length, ...left);
  }

  #deliver(): void {
    const updates = this.#live().map(({ update }) => update);
    if (updates.length + this.#forged.length === 0) return;
    this.#end((poll) => {
      const batch = updates.slice(0, poll.limit);
      this.#handedOut.push(...batch);
      poll.resolve([...this.#forged.splice(0), ...batch]);
    });
  }

  #live(): { update: Update }[] {
    return this.#waiting.filter(
      ({ update, at }) => !('callback_query' in update) || this.#now() - at <= UNFETCHED_PRESS_MS_MAX,
    );
  }

  #end(how: (poll: Poll) => void): void {
    const poll = this.#poll;
    if (!poll) return;
    this.#poll = null;
    clearTimeout(poll.timer);
    how(poll);
  }
}

import { ApiRefusal } from './wire.ts';

/** What can go wrong between the bot and Telegram. */
export type Fault =
  /** 429 with `retry_after` (seconds). */
  | { readonly kind: 'flood'; readonly retryAfter: number }
  /** A 5xx from a gateway, with HTML instead of JSON; or any other status with a JSON refusal. */
  | { readonly kind: 'status'; readonly code: number; readonly description?: string }
  /** The connection is reset before anything happened. */
  | { readonly kind: 'reset' }
  /** Nothing happens and nobody answers. */
  | { readonly kind: 'black hole' }
  /** It happens, but the connection is reset before the answer. */
  | { readonly kind: 'lost answer' }
  /** It happens later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It happens once the test lets it, or meets the fault that the test has put there by then. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown>; readonly instead?: () => Fault | null }
  /** It happens, and the answer comes once the test lets it. */
  | { readonly kind: 'held answer'; readonly until: Promise<unknown> };

/** At most `count` sends and edits into a chat within `windowMs`; beyond that Telegram answers 429. */
export interface FloodLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** The faults that a test has ordered: the next calls of a method (`*`: of any) meet them. */
export class Faults {
  readonly #orders: { method: string; fault: Fault; left: number }[] = [];
  readonly #sent = new Map<number, number[]>();
  limit: FloodLimit | null = null;

  order(method: string, fault: Fault, times: number): void {
    this.#orders.push({ method, fault, left: times });
  }

  /** Ends every ordered fault. */
  clear(): void {
    this.#orders.length = 0;
  }

  next(method: string): Fault | null {
    const order = this.#orders.find((candidate) => [method, '*'].includes(candidate.method) && candidate.left > 0);
    if (!order) return null;
    order.left -= 1;
    return order.fault;
  }

  /** Counts a message into a chat against the flood limit. */
  count(chat: number, now: number): void {
    if (!this.limit) return;
    const { count, windowMs } = this.limit;
    const recent = (this.#sent.get(chat) ?? []).filter((at) => now - at < windowMs);
    this.#sent.set(chat, recent);
    const [oldest] = recent;
    if (recent.length >= count && oldest !== undefined) {
      throw tooManyRequests(Math.max(1, Math.ceil((windowMs - (now - oldest)) / 1000)));
    }
    recent.push(now);
  }
}

/** The Bot API's 429. */
export function tooManyRequests(retryAfter: number): ApiRefusal {
  return new ApiRefusal(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
}

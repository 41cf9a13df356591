import { networkInterfaces } from 'node:os';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { pause } from '../../runtime/waiting.ts';
import { backoffMs } from './backoff.ts';
import { BotFault } from './bot-client.ts';
import type { Health } from './health.ts';
import { WORDS } from './words.ts';

/** How often a machine without a network looks whether it has one again. */
const NETWORK_LOOK_MS = 1_000;

/** What calling until it works needs. */
export interface PersistenceParts {
  readonly health: Health;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'retryMin' | 'retryMax' | 'telegramOutage'>;
  readonly signal: AbortSignal;
}

/** Makes calls that must work some time, however many hours the network is away, and tells health how it is meanwhile. */
export class Persistence {
  readonly #parts: PersistenceParts;

  constructor(parts: PersistenceParts) {
    this.#parts = parts;
  }

  /** Calls until it works, or the signal aborts: null. `onFault` hears of every failure. */
  async call<T>(call: () => Promise<T>, onFault: (fault: BotFault) => void = () => undefined): Promise<T | null> {
    for (let failures = 0; !this.#parts.signal.aborted; ) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof BotFault)) this.#parts.log.error({ err: error }, 'a call failed in an unexpected way');
        const fault = error instanceof BotFault ? error : new BotFault('server', 'an unexpected error');
        if (fault.kind === 'aborted') return null;
        failures += 1;
        this.#tell(fault);
        onFault(fault);
        await this.#waitAfter(fault, failures);
      }
    }
    return null;
  }

  #tell(fault: BotFault): void {
    const { health, log } = this.#parts;
    if (fault.kind === 'token') {
      if (health.tokenRefused()) log.error({ error: fault.message }, WORDS.tokenRefused);
    } else if (fault.kind === 'conflict') {
      if (health.conflict()) log.error({ error: fault.message }, WORDS.conflict);
    } else if (fault.kind === 'refused') {
      if (health.undelivered(WORDS.refusedCall(fault.message))) log.error({ error: fault.message }, 'Telegram refuses');
    } else if (health.unreachable(fault.message)) log.warn({ error: fault.message }, 'Telegram unreachable');
  }

  async #waitAfter({ kind, retryAfterMs }: BotFault, failures: number): Promise<void> {
    const { timings, signal } = this.#parts;
    // Trying in vain to reach anybody costs nobody anything: whoever comes back from a tunnel shall not wait a minute.
    if (kind === 'network') {
      const retryMax = Math.min(timings.retryMax, timings.telegramOutage);
      return waitForNetwork(backoffMs(failures, { retryMin: timings.retryMin, retryMax }), signal);
    }
    // A gateway may refuse a token by mistake, and a token can come back to life: better slow than deaf for good.
    if (kind === 'token') return pause(timings.retryMax, signal).catch(() => undefined);
    // Two pollers that both come again soon end each other's polls for ever; the first wait is short, since a hub
    // that takes over meets the old one's last poll.
    const conflict = kind === 'conflict';
    const ms = Math.max(
      conflict ? timings.retryMin : retryAfterMs,
      backoffMs(conflict ? failures + 2 : failures, timings),
    );
    await pause(ms, signal).catch(() => undefined);
  }
}

/** Waits, but no longer than until the machine's addresses change: that is how a network that is back shows first. */
async function waitForNetwork(ms: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  const before = addresses();
  while (!signal.aborted && performance.now() < until && addresses() === before) {
    await pause(Math.min(NETWORK_LOOK_MS, until - performance.now()), signal).catch(() => undefined);
  }
}

function addresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((each) => (each ?? []).map(({ address }) => address))
    .join();
}

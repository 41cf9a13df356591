import { once } from 'node:events';
import type { SessionId } from '../../src/domain/ids.ts';
import type { SessionStore } from '../../src/store/contract.ts';
import { WAIT_MS_MAX } from './patience.ts';

/** Hints as a test waits for them. */
export class Hints {
  private readonly abort = new AbortController();
  private readonly iterator: AsyncIterator<SessionId | null>;
  private coming: Promise<SessionId | null | 'ended'> | null = null;

  constructor(store: SessionStore, session: SessionId | null, urgent?: () => boolean) {
    this.iterator = store.hints(session, this.abort.signal, urgent)[Symbol.asyncIterator]();
  }

  async next(): Promise<SessionId | null | 'ended'> {
    const hint = await this.await();
    this.coming = null;
    return hint;
  }

  /** Whether a hint for the session comes within `ms`; hints for others are passed over. */
  async sees(session: SessionId, ms = WAIT_MS_MAX): Promise<boolean> {
    return this.comes((hint) => hint === session || hint === null, ms);
  }

  /** Takes hints until none has come for `ms`. */
  async drain(ms = 100): Promise<void> {
    while (await this.comes(() => true, ms));
  }

  async end(): Promise<void> {
    this.abort.abort();
    await this.iterator.return?.();
  }

  private await(): Promise<SessionId | null | 'ended'> {
    this.coming ??= this.iterator.next().then((next) => (next.done ? 'ended' : next.value));
    return this.coming;
  }

  private async comes(wanted: (hint: SessionId | null) => boolean, ms: number): Promise<boolean> {
    const late = once(AbortSignal.timeout(ms), 'abort').then(() => 'late' as const);
    for (;;) {
      // The hint that is awaited stays awaited when it is late, so that the next look gets it.
      const hint = await Promise.race([this.await(), late]);
      if (hint === 'late') return false;
      this.coming = null;
      if (hint === 'ended') return false;
      if (wanted(hint)) return true;
    }
  }
}

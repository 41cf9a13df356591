import { setImmediate as onNextTurn } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';

// Short enough that nobody notices, long enough that long work gets on.
const WORK_MS_MAX = 10;

/**
 * Makes a function to be called within long work, or ahead of each of many jobs that may follow one another without a
 * pause: when that has gone on for long, it returns what to wait for, so that everything else has a turn. A job that
 * comes alone waits for nothing. Waiting rejects once nobody wants the work any more.
 */
export function breather(signal?: AbortSignal): () => Promise<void> | null {
  let since: number | null = null;
  const breathe = async (): Promise<void> => {
    await nextTurn();
    signal?.throwIfAborted();
  };
  return () => {
    if (since === null) {
      since = performance.now();
      onNextTurn(() => {
        since = null;
      }).unref();
    }
    return performance.now() - since > WORK_MS_MAX ? breathe() : null;
  };
}

import { setImmediate as nextTurn } from 'node:timers/promises';

// Short enough that nobody notices, long enough that long work gets on.
const WORK_MS_MAX = 10;

/**
 * Makes a function to be called within long work: when it has gone on for long, it returns what to wait for, so that
 * everything else has a turn. Waiting rejects once nobody wants the work any more.
 */
export function breather(signal: AbortSignal): () => Promise<void> | null {
  let since = performance.now();
  const breathe = async (): Promise<void> => {
    await nextTurn();
    signal.throwIfAborted();
    since = performance.now();
  };
  return () => (performance.now() - since > WORK_MS_MAX ? breathe() : null);
}

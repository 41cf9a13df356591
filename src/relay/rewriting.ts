import { setTimeout as delay } from 'node:timers/promises';

/**
 * How often a log that is gone, cut short or replaced is looked at again while somebody waits: its owner writes it again
 * within milliseconds, if it lives and can. Two seconds in all, with `rewritten`.
 */
export const REWRITING_LOOKS_MAX = 20;

/** Gives the owner of a log a moment to write it again. */
export function rewritten(): Promise<void> {
  return delay(100);
}

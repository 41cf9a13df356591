import { HISTORY_KINDS } from './history-kinds.ts';
import { FAULT_NAMES } from './kinds.ts';
import { PROMISES } from './promises.ts';

/** What a whole run must have injected at least once. */
export const MUST_BE_INJECTED: readonly string[] = [...FAULT_NAMES, ...HISTORY_KINDS.map((kind) => `history: ${kind}`)];

/** What a whole run must have checked at least once. */
export const MUST_BE_CHECKED: readonly string[] = Object.values(PROMISES);

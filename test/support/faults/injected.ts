import { appendFileSync } from 'node:fs';

/** How often something was injected or checked; each kind has one line in the table at the end of a run. */
export interface Count {
  readonly what: 'injected' | 'checked';
  readonly kind: string;
  readonly times: number;
}

/** Counts that a fault was injected or a promise checked. Tests run in several processes: they meet in one file. */
export function count(what: Count['what'], kind: string, times = 1): void {
  const file = process.env.SWITCHBOARD_TEST_COUNTS;
  if (file && times > 0) appendFileSync(file, `${JSON.stringify({ what, kind, times } satisfies Count)}\n`);
}

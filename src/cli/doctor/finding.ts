/** How a check has ended: as it should be, works but should be mended, or keeps something from working. */
export type Verdict = 'ok' | 'warn' | 'fail';

/** What one check has found. Texts hold no secret. */
export interface Finding {
  /** Stable: scripts look for it. */
  readonly id: string;
  readonly title: string;
  readonly status: Verdict;
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string;
}

/** The findings of one check, or its failure within `ms` milliseconds: whatever hangs there must not hang the rest. */
export async function bounded(
  check: { readonly id: string; readonly title: string; readonly ms: number },
  run: (signal: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const { id, title, ms } = check;
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      limit.abort();
      resolve([{ id, title, status: 'fail', detail: `no result within ${ms / 1000} s` }]);
    }, ms);
  });
  const failed = (error: unknown): readonly Finding[] => [
    { id, title, status: 'fail', detail: error instanceof Error ? error.message : String(error) },
  ];
  try {
    return await Promise.race([run(limit.signal).catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The worst of several verdicts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('warn') ? 'warn' : 'ok';
}

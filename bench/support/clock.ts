/** Milliseconds on the machine's monotonic clock: unlike `performance.now()` the same in all processes. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Looks every few milliseconds until `look` gives something; fails with what was waited for. */
export async function until<T>(what: string, look: () => T | Promise<T>, waitMsMax = 20_000): Promise<NonNullable<T>> {
  const deadline = now() + waitMsMax;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (now() > deadline) throw new Error(`Waited ${waitMsMax} ms for ${what}`);
    await sleep(3);
  }
}

/** Waits so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

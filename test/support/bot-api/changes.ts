/** Resolves at the next call of the watchers, or after so many milliseconds. */
export function nextChange(watchers: Set<() => void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      watchers.delete(done);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    watchers.add(done);
  });
}

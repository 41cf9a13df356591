const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The signals that ask a process to end. */
export type EndSignal = (typeof END_SIGNALS)[number];

/** Calls `onEnd` for every signal that asks this process to end, until the returned function is called. */
export function listenForEndSignals(onEnd: (signal: EndSignal) => void): () => void {
  const listeners = END_SIGNALS.map((signal) => ({ signal, listener: () => onEnd(signal) }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
}

import { useEffect, useState } from 'preact/hooks';
import { askHub, connection, UnreachableError } from './hub.ts';

/** What the hub said last, and why it did not say more. */
export interface Fetched<T> {
  readonly data: T | null;
  /** What was asked for `data`: while another path is being asked, it is still that of before. */
  readonly from: string;
  /** For the person; empty when all is well. */
  readonly failure: string;
  readonly busy: boolean;
}

/**
 * Asks the hub, and again whenever `path` or `times` changes and when the hub is back. What was there stays until the
 * news come.
 */
export function useFetched<T>(path: string, times: number, take: (news: T, before: T | null) => T): Fetched<T> {
  const [fetched, show] = useState<Fetched<T>>({ data: null, from: path, failure: '', busy: true });
  useEffect(() => {
    const abort = new AbortController();
    const ask = async () => {
      show((before) => ({ ...before, busy: true }));
      try {
        const news = await askHub<T>(path, { signal: abort.signal });
        show(({ data }) => ({ data: take(news, data), from: path, failure: '', busy: false }));
      } catch (error) {
        if (abort.signal.aborted) return;
        const failure = error instanceof Error ? error.message : String(error);
        show((before) => ({ ...before, failure, busy: false }));
        if (error instanceof UnreachableError) again = true;
      }
    };
    let again = false;
    const unfollow = connection.follow(() => {
      if (connection.now.state !== 'live' || !again) return;
      again = false;
      void ask();
    });
    void ask();
    return () => {
      abort.abort();
      unfollow();
    };
  }, [path, times]);
  return fetched;
}

/** A value that follows another when that has rested for a moment, e.g. while somebody types. */
export function useRested<T>(value: T, restMs: number): T {
  const [rested, rest] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => rest(() => value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}

import { Value } from './value.ts';

// Requests to the hub that served this page. Nothing is asked of any other host.

/** Long enough for a busy disk; a hub that is suspended counts as gone after it. */
const PATIENCE_MS = 15_000;
const SENTENCE_CHARS_MAX = 300;

/** How the page and its hub are: `locked` is a cookie that is missing or not good any more. */
export type Connection =
  | { readonly state: 'connecting' | 'live' | 'locked' }
  | { readonly state: 'lost'; readonly retryAt: number };

export const connection = new Value<Connection>({ state: 'connecting' });

/** What to do when the hub does not know this browser (any more). */
export const LOCKED_WORDS = 'This browser is not let in any more. Run “switchboard web” and open its link again.';

/** The hub could not be reached, or did not answer in time: worth trying again. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** The hub did not do what was asked; the message is for the person. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks the hub and returns what it says as JSON.
 *
 * @throws UnreachableError, RefusedError, or an AbortError when `signal` aborts.
 */
export async function askHub<T>(
  path: string,
  { signal, body }: { signal?: AbortSignal; body?: object } = {},
): Promise<T> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const init: RequestInit = {
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    credentials: 'same-origin',
    ...(body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  };
  try {
    const response = await fetch(path, init);
    if (response.ok) return (await response.json()) as T;
    throw refusal(response.status, await response.text());
  } catch (error) {
    if (error instanceof RefusedError || signal?.aborted) throw error;
    throw new UnreachableError('The hub cannot be reached.');
  }
}

function refusal(status: number, said: string): RefusedError {
  if (status === 401) {
    connection.set({ state: 'locked' });
    return new RefusedError(LOCKED_WORDS, status);
  }
  // The hub says in one plain sentence what is wrong.
  const words = said.trim();
  const sentence = words !== '' && words.length <= SENTENCE_CHARS_MAX;
  return new RefusedError(sentence ? words : `The hub could not do it (${status}). Try again.`, status);
}

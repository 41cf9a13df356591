import { readWebPlace, type WebPlace, webAddress } from '../../runtime/web-place.ts';

const ANSWER_MS_MAX = 2_000;

/** How the web inbox of a home answers. Without its token it must refuse. */
export type WebInbox =
  | { readonly found: 'never served' }
  | { readonly found: 'nobody'; readonly place: WebPlace }
  | { readonly found: 'inbox'; readonly place: WebPlace }
  | { readonly found: 'something else'; readonly place: WebPlace; readonly status: number };

/** Asks the place where the web inbox was served last, without its token. Never throws. */
export async function findWebInbox(home: string): Promise<WebInbox> {
  const place = readWebPlace(home);
  if (!place) return { found: 'never served' };
  try {
    const { status } = await fetch(webAddress(place), {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    return status === 401 ? { found: 'inbox', place } : { found: 'something else', place, status };
  } catch {
    return { found: 'nobody', place }; // Refused, reset, or no answer in time.
  }
}

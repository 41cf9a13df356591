import { messageDraft } from '../domain/drafts.ts';
import { SwitchboardError } from '../domain/errors.ts';
import type { EventId, MessageId } from '../domain/ids.ts';
import { ANSWER_CHARS_MAX } from '../domain/question-input.ts';
import type { Person } from '../domain/records.ts';
import type { MessageState, SessionState } from '../domain/session-state.ts';
import type { SessionStore } from '../store/contract.ts';
import type { SessionView } from '../store/session-view.ts';
import { REWRITING_LOOKS_MAX, rewritten } from './rewriting.ts';

/** How long a person is let wait for Claude to have their word. */
const DELIVERY_MS_MAX = 2_000;

/** A person's word to be. */
export interface WordAttempt {
  readonly text: string;
  readonly person: Person;
  /** What caused it: the same cause is the same word however often it comes. */
  readonly cause: EventId;
  /** ISO 8601. */
  readonly now: string;
}

/** What became of it; only `written` changed anything. */
export type WordOutcome =
  | { readonly outcome: 'written' | 'ended' }
  | { readonly outcome: 'invalid' | 'failed'; readonly message: string };

/** Writes a person's word into the log of a session that lives. Never throws for what the disk does. */
export async function recordWord(
  store: SessionStore,
  view: SessionView,
  { text: given, person: sent_by, cause, now: sent_at }: WordAttempt,
  isOver: (state: SessionState) => boolean,
): Promise<WordOutcome> {
  const text = given.toWellFormed().trim();
  if (text === '') return { outcome: 'invalid', message: 'There is nothing to say; nothing was sent.' };
  if (text.length > ANSWER_CHARS_MAX) {
    const message = `This has ${text.length} characters, the limit is ${ANSWER_CHARS_MAX}; nothing was sent.`;
    return { outcome: 'invalid', message };
  }
  try {
    for (let looks = 1; ; looks += 1) {
      await view.refresh();
      if (view.state.messages.has(messageOf(cause))) return { outcome: 'written' };
      if (view.state.ended || isOver(view.state)) return { outcome: 'ended' };
      const draft = messageDraft(cause, { text, sent_by, sent_at });
      const appended = view.state.metadata ? await store.append(view.id, draft) : null;
      if (appended?.status === 'stored') {
        await view.refresh();
        return { outcome: 'written' };
      }
      if (looks > REWRITING_LOOKS_MAX) return { outcome: 'ended' };
      await rewritten();
    }
  } catch (error) {
    if (error instanceof SwitchboardError) return { outcome: 'failed', message: error.message };
    throw error;
  }
}

/** Waits a moment for Claude to have a word. `next` resolves at the session's next news, or after so many milliseconds. */
export async function untilDelivered(
  view: SessionView,
  cause: EventId,
  next: (msMax: number) => Promise<void>,
): Promise<boolean> {
  const until = performance.now() + DELIVERY_MS_MAX;
  const word = (): MessageState | undefined => view.state.messages.get(messageOf(cause));
  for (let left = DELIVERY_MS_MAX; left > 0; left = until - performance.now()) {
    // Who says why it waits has tried.
    if (word()?.delivered || word()?.waits !== undefined) break;
    await next(left);
  }
  return word()?.delivered !== undefined;
}

/** The message that a cause leads to; see `messageDraft`. */
export function messageOf(cause: EventId): MessageId {
  return cause as string as MessageId;
}

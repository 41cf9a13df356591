import type { QuestionState } from '../domain/session-state.ts';
import { spanText } from '../domain/text.ts';
import { bringsCards, type HubContact } from './hub-contact.ts';
import type { ToolCall } from './tool-call.ts';

type HubFacts = Pick<HubContact, 'connected' | 'starting' | 'channels'>;

/** Tells the client every `intervalMs` that the call still waits, and why nobody may have seen the question; returns how to stop. */
export function reportWaiting(call: ToolCall, intervalMs: number, describe: () => string): () => void {
  const { progress } = call;
  if (!progress) return () => undefined;
  progress(describe());
  const timer = setInterval(() => progress(describe()), intervalMs).unref();
  return () => clearInterval(timer);
}

/** How long a question waits, and what keeps it from being seen. `now`: milliseconds since the epoch. */
export function describeWaiting(question: QuestionState | undefined, hub: HubFacts, now: number): string {
  if (!question) return 'waiting for an answer';
  const waiting = `waiting for an answer, asked ${spanText(now - Date.parse(question.record.created_at))} ago`;
  if (question.shown.size > 0) return waiting;
  return `${waiting}; ${whyNotShown(hub, now, question)}`;
}

/** What keeps a new card from being seen, as a half sentence. */
export function whyNotShown(hub: HubFacts, now: number, question?: QuestionState): string {
  if (hub.starting) return 'not shown yet: connecting to the hub';
  if (!hub.connected) return 'not shown yet: no hub is running';
  if (!hub.channels) return 'not shown yet: the hub is starting';
  if (hub.channels.length === 0) {
    const id = question?.record.id;
    return `no channel is configured${id ? `: answer with \`switchboard answer ${id} …\`` : ''}`;
  }
  const reached = hub.channels.some(bringsCards);
  const words = hub.channels.flatMap(({ ok, chats, detail, since }) => {
    if (!ok) return [`${detail} (for ${spanText(now - Date.parse(since))})`];
    // A page that nobody has open is no trouble as long as another channel brings the card.
    return chats === 0 && !reached ? [detail] : [];
  });
  if (words.length > 0) return `not shown yet: ${words.join('; ')}`;
  return question?.lastError ? `not shown yet: ${question.lastError.message}` : 'not shown yet';
}

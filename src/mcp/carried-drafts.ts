import { answerAgainDraft, closedDraft } from '../domain/drafts.ts';
import type { Draft } from '../domain/records.ts';
import type { QuestionState } from '../domain/session-state.ts';

/**
 * What a question needs in the log where its session goes on: itself, and how it ended, as far as `known`. That it was
 * closed with a session that is not over at all is left behind.
 */
export function carriedDrafts(asked: Draft, known: QuestionState | undefined): Draft[] {
  const drafts = [asked];
  if (known?.answer) drafts.push(answerAgainDraft(known.answer));
  else if (known?.closed && known.closed.reason !== 'session_ended') {
    drafts.push(closedDraft(known.record.id, known.closed.reason, known.closed.answer));
  }
  if (known?.lateAnswer) drafts.push(answerAgainDraft(known.lateAnswer));
  return drafts;
}

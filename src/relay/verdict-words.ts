import type { Person } from '../domain/records.ts';
import { preview } from '../domain/text.ts';
import type { CardState, Verdict } from './channel.ts';

/** Said of a question that no session has. */
export const UNKNOWN_QUESTION = 'No running session asks this any more; nothing was recorded.';

/** What became of an answer, in one sentence for who gave it. `here`: the channel that says it. */
export function verdictWords(verdict: Verdict, here: string): string {
  switch (verdict.verdict) {
    case 'recorded':
      return `Recorded for ${verdict.card.session.title}.`;
    case 'recorded_late':
      return `The question had expired. Your answer is kept: ${verdict.card.session.title} gets it when it looks again.`;
    case 'already_answered':
    case 'closed':
      return endedWords(verdict.card.state, here);
    case 'unknown_question':
      return UNKNOWN_QUESTION;
    case 'not_allowed':
      return 'Only an owner may answer; nothing was recorded.';
    case 'invalid':
      return verdict.message;
    case 'failed':
      return `Could not be recorded, please answer again: ${verdict.message}`;
    default:
      return verdict satisfies never;
  }
}

/** How a question ended, in one sentence; empty while it is open. */
export function endedWords(state: CardState, here: string): string {
  if (state.status === 'pending') return '';
  if (state.status === 'closed') return closedWords(state, here);
  return `Answered already by ${whoWords(state.answered_by, here)}: “${preview(state.answer, 120)}”.`;
}

/** Why a question closed without a winning answer. */
export function closedWords(state: Extract<CardState, { status: 'closed' }>, here: string): string {
  switch (state.reason) {
    case 'withdrawn':
      return 'Withdrawn: Claude no longer needs an answer.';
    case 'expired':
      return state.lateAnswer
        ? `Expired; answered later by ${whoWords(state.lateAnswer.answered_by, here)}: “${preview(state.lateAnswer.answer, 1000)}”.`
        : 'Expired: nobody answered in time.';
    case 'answered_elsewhere':
      return state.answer ? `Answered elsewhere: “${preview(state.answer, 1000)}”.` : 'Answered elsewhere.';
    case 'session_ended':
      return 'The session has ended; nobody waits for an answer any more.';
    default:
      return state.reason satisfies never;
  }
}

/** Who gave an answer, and where if not here. */
export function whoWords({ name, channel }: Person, here: string): string {
  return channel === here ? name : `${name} (${channel})`;
}

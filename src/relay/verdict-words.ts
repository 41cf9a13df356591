import type { QuestionId } from '../domain/ids.ts';
import { permissionDecision } from '../domain/permission.ts';
import { whoWords } from '../domain/person-words.ts';
import { preview } from '../domain/text.ts';
import type { Card, CardState, RelayDesk, Verdict, WordVerdict } from './channel.ts';

/** Said of a question that no session has. */
const UNKNOWN_QUESTION = 'No running session asks this any more; nothing was recorded.';

/** Said of a question whose file is gone or cannot be read, and that has not been written again. */
export const LOG_GONE =
  'No running session asks this at the moment: its file was damaged or taken away. Nothing was recorded; if the session ' +
  'still lives, the question comes back.';

/** Said of a question that has no card. */
export function missingWords(desk: Pick<RelayDesk, 'wasOpen'>, question: QuestionId): string {
  return desk.wasOpen(question) ? LOG_GONE : UNKNOWN_QUESTION;
}

/** Said of a question that sessions of two directories wait for. */
export const CLAIMED_TWICE =
  'Two projects claim this question: one of them is a copy, or has forged it; nothing was recorded. ' +
  '`switchboard status` in a terminal shows both.';

/** What became of an answer, in one sentence for who gave it. `here`: the channel that says it. */
export function verdictWords(verdict: Verdict, here: string): string {
  switch (verdict.verdict) {
    case 'recorded':
      return `Recorded for ${verdict.card.session.title}.`;
    case 'recorded_late':
      return `The question had expired. Your answer is kept: ${verdict.card.session.title} gets it when it looks again.`;
    case 'already_answered':
    case 'closed':
      return endedWords(verdict.card, here);
    case 'confirm':
      return verdict.pin
        ? 'This is dangerous: look at all of it, then allow it once more, with your PIN. Nothing was recorded.'
        : 'This is dangerous: look at all of it, then allow it once more. Nothing was recorded.';
    case 'wrong_pin':
      return wrongPinWords(verdict.attempts_left);
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

function wrongPinWords(left: number): string {
  if (left === 0)
    return 'Too many wrong PINs: none is taken for up to 15 minutes. Nothing was recorded; you can still deny.';
  return `Wrong PIN; nothing was recorded. ${left === 1 ? '1 attempt is' : `${left} attempts are`} left.`;
}

/** What became of a word to a session, in one sentence for who said it; waits a moment for Claude to have it. */
export async function wordVerdictWords(verdict: WordVerdict): Promise<string> {
  switch (verdict.verdict) {
    case 'written': {
      const { title } = verdict.session;
      return (await verdict.delivered)
        ? `For ${title}: Claude has it.`
        : `For ${title}: written down; Claude gets it with its next step.`;
    }
    case 'ended':
      return 'That session has ended; nothing was sent.';
    case 'not_allowed':
      return 'Only an owner may do that; nothing was sent.';
    case 'invalid':
      return verdict.message;
    case 'failed':
      return `Could not be written down, please send it again: ${verdict.message}`;
    default:
      return verdict satisfies never;
  }
}

/** What was decided about a permission, e.g. `Allowed once`; null for what is no permission, or has no answer. */
export function decisionWords({ kind, state }: Pick<Card, 'kind' | 'state'>): string | null {
  if (kind !== 'permission' || state.status !== 'answered') return null;
  const decision = permissionDecision(state);
  if (decision.behavior === 'allow') return decision.scope === 'once' ? 'Allowed once' : 'Allowed for this session';
  return decision.why === undefined ? 'Denied' : `Denied: ${decision.why}`;
}

/** How a question ended, in one sentence; empty while it is open. */
export function endedWords({ kind, state }: Pick<Card, 'kind' | 'state'>, here: string): string {
  if (state.status === 'pending') return '';
  if (state.status === 'closed') return closedWords(kind, state, here);
  return `Answered already by ${whoWords(state.answered_by, here)}: “${preview(state.answer, 120)}”.`;
}

/** Why a question closed without a winning answer. */
export function closedWords(kind: Card['kind'], state: Extract<CardState, { status: 'closed' }>, here: string): string {
  switch (state.reason) {
    case 'withdrawn':
      return 'Withdrawn: Claude no longer needs an answer.';
    case 'expired':
      // Claude Code's own dialog may still stand in the terminal.
      if (kind === 'permission') return 'Expired: nobody answered in time, so nothing was decided here.';
      return state.lateAnswer
        ? `Expired; answered later by ${whoWords(state.lateAnswer.answered_by, here)}: “${preview(state.lateAnswer.answer, 1000)}”.`
        : 'Expired: nobody answered in time.';
    case 'answered_elsewhere':
      if (state.where === 'terminal') {
        return state.answer
          ? `Answered in the terminal: “${preview(state.answer, 1000)}”.`
          : 'Answered in the terminal.';
      }
      return state.answer ? `Answered elsewhere: “${preview(state.answer, 1000)}”.` : 'Answered elsewhere.';
    case 'session_ended':
      return 'The session has ended; nobody waits for an answer any more.';
    default:
      return state.reason satisfies never;
  }
}

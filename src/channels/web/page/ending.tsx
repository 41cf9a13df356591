import { useState } from 'preact/hooks';
import type { PageCard } from '../wire.ts';
import { draftOf, dropDraft } from './drafts.ts';
import { whoText } from './ending-text.ts';
import { CheckIcon } from './icons.tsx';
import type { Entry } from './inbox-state.ts';
import { momentText } from './time-text.ts';

type Closed = Extract<PageCard['state'], { status: 'closed' }>;

const CLOSED_WORDS: Readonly<Record<Closed['reason'], string>> = {
  withdrawn: 'Claude has taken the question back',
  expired: 'Nobody answered in time',
  answered_elsewhere: 'Claude has the answer from elsewhere',
  session_ended: 'The session is over, nobody waits for an answer any more',
};

/** How a card ended that still stands among the open ones. It takes no more presses. */
export function Ending({ entry: { card, sending } }: { entry: Entry }) {
  return (
    <div class="ending">
      <Outcome card={card} />
      {sending && 'message' in sending && sending.step !== 'retrying' && sending.step !== 'confirm' && (
        <p class="sending" data-step={sending.step}>
          {sending.message}
        </p>
      )}
      <Unsent question={card.question_id} />
    </div>
  );
}

/** What a question ended with: the answer, who gave it, when, and whether Claude has it. */
export function Outcome({ card: { kind, state, decision } }: { card: PageCard }) {
  if (state.status === 'pending') return null;
  if (state.status === 'answered') {
    const { answer, answered_by, answered_at, delivered } = state;
    return (
      <>
        <Answer text={decision ?? answer} />
        <p class="outcome-facts">
          <bdi>{answered_by.channel === 'default' ? 'Taken by default' : whoText(answered_by)}</bdi> ·{' '}
          {momentText(answered_at)}
          {delivered && <span class="delivered"> · Claude has it</span>}
        </p>
      </>
    );
  }
  const { reason, answer, lateAnswer, at, where } = state;
  return (
    <>
      {answer !== undefined && <Answer text={answer} />}
      <p class="outcome-facts">
        {where === 'terminal' ? 'Answered in the terminal' : CLOSED_WORDS[reason]}
        {kind === 'permission' && reason === 'expired' && ', so nothing was decided here'} · {momentText(at)}
      </p>
      {lateAnswer && (
        <>
          <Answer text={lateAnswer.answer} />
          <p class="outcome-facts">
            <bdi>{whoText(lateAnswer.answered_by)}</bdi>, too late; Claude gets it when it looks again
          </p>
        </>
      )}
    </>
  );
}

function Answer({ text }: { text: string }) {
  return (
    <p class="outcome">
      <CheckIcon />
      <span class="unseen">Answer: </span>
      <bdi class="outcome-answer">{text}</bdi>
    </p>
  );
}

/** What was being written when the question ended elsewhere: still there to be read and copied. */
function Unsent({ question }: { question: string }) {
  const [text, show] = useState(() => draftOf(question).text);
  if (text === '') return null;
  return (
    <div class="unsent">
      <p>You had begun to write:</p>
      <p class="unsent-text">{text}</p>
      <button
        type="button"
        class="more"
        onClick={() => {
          dropDraft(question);
          show('');
        }}
      >
        Throw it away
      </button>
    </div>
  );
}

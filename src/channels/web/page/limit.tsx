import type { PageCard } from '../wire.ts';
import { useTimeText } from './clock.ts';
import { leftText, momentText } from './time-text.ts';

const DEFAULT_CHARS_MAX = 80;
const SOON_MS = 60_000;

/** How long the question waits, and what happens then. */
export function Limit({ card: { expires_at: until, default_answer } }: { card: PageCard }) {
  const left = useTimeText((now) => (until === undefined ? '' : leftText(until, now)));
  const soon = useTimeText((now) => (until !== undefined && Date.parse(until) - now < SOON_MS ? 'soon' : ''));
  const answer = default_answer === undefined ? null : <bdi>“{shortened(default_answer)}”</bdi>;
  if (until === undefined) return answer === null ? null : <p class="limit">Without an answer, {answer} is taken.</p>;
  const time = (
    <time dateTime={until} title={`Until ${momentText(until)}`} class="countdown">
      {left}
    </time>
  );
  if (left === '') return <p class="limit">The time is up.</p>;
  return answer === null ? (
    <p class="limit">{time} left to answer.</p>
  ) : (
    <p class="limit" data-soon={soon ? '' : undefined}>
      {answer} is taken in {time}.
    </p>
  );
}

function shortened(text: string): string {
  return text.length > DEFAULT_CHARS_MAX ? `${text.slice(0, DEFAULT_CHARS_MAX - 1)}…` : text;
}

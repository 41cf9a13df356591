import { useMemo } from 'preact/hooks';
import type { PageCard } from '../wire.ts';
import { Age } from './card.tsx';
import { Outcome } from './ending.tsx';
import { Folded } from './folded.tsx';
import { hueOf } from './hue.ts';

/** What ended lately, and what sessions told: newest first. */
export function Recent({ cards }: { cards: readonly PageCard[] }) {
  return (
    <section class="recent" aria-labelledby="recent-title">
      <h2 id="recent-title">Earlier</h2>
      <ol>
        {cards.map((card) => (
          <PastRow key={card.question_id} card={card} />
        ))}
      </ol>
    </section>
  );
}

function PastRow({ card }: { card: PageCard }) {
  return useMemo(() => <Past card={card} />, [card]);
}

function Past({ card }: { card: PageCard }) {
  const { session, kind, level = 'info' } = card;
  return (
    <li class="past" data-hue={hueOf(session.title)} data-level={kind === 'notice' ? level : undefined}>
      <p class="past-head">
        <a href={`/sessions/${session.id}`}>{session.title}</a>
        {kind === 'notice' && <span class={`tag tag-${level}`}>{level === 'info' ? 'notice' : level}</span>}
        <Age at={card.asked_at} />
      </p>
      <div class="past-question">
        <Folded text={card.question} what={kind === 'notice' ? 'notice' : 'question'} />
      </div>
      {kind !== 'notice' && <Outcome card={card} />}
    </li>
  );
}

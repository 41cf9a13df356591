import { useEffect, useRef, useState } from 'preact/hooks';
import { CardRow } from './card.tsx';
import { onTick } from './clock.ts';
import { draftOf } from './drafts.ts';
import { cardElement } from './focus.ts';
import { inbox, openEntries, sweep } from './inbox.ts';
import { type Entry, isOpen } from './inbox-state.ts';
import { Overview } from './overview.tsx';
import { Recent } from './recent.tsx';
import { useValue } from './value.ts';

/** An ended card stays at least this long, so that its outcome can be read. */
const READ_MS = 4_000;
/** A hand that has not moved for so long is not about to press. */
const STILL_MS = 8_000;
/** Who presses sooner than this after cards have moved meant what stood there before. */
const MOVED_MS = 350;

const CARDS_AT_FIRST = 25;
const CARDS_MORE = 100;

/** The inbox: open questions of all sessions, what ended lately, and what there is. */
export function InboxPage() {
  const state = useValue(inbox);
  const count = openEntries(state).length;
  const list = useRef<HTMLOListElement>(null);
  const shown = useGrowing(state.open.length);
  useSweeping(list.current);
  return (
    <div class="inbox">
      <div class="inbox-main">
        <h1 tabIndex={-1}>{headingOf(state.loaded, count)}</h1>
        {!state.loaded && <p class="quiet">Asking the hub …</p>}
        {state.loaded && state.open.length === 0 && <Nothing sessions={state.sessions.length} />}
        <ol class="cards" ref={list} hidden={state.open.length === 0}>
          {state.open.slice(0, shown).map((entry) => (
            <CardRow key={entry.card.question_id} entry={entry} />
          ))}
        </ol>
        {state.recent.length > 0 && <Recent cards={state.recent} />}
      </div>
      {state.loaded && <Overview sessions={state.sessions} channels={state.channels} />}
    </div>
  );
}

function headingOf(loaded: boolean, count: number): string {
  if (!loaded) return 'Inbox';
  if (count === 0) return 'No open question';
  return count === 1 ? '1 open question' : `${count} open questions`;
}

function Nothing({ sessions }: { sessions: number }) {
  return (
    <section class="empty">
      <p class="empty-mark" aria-hidden="true">
        ✓
      </p>
      <p>
        {sessions === 0
          ? 'No session is running. As soon as Claude Code asks something, it appears here.'
          : 'Nobody waits for you. New questions come here by themselves.'}
      </p>
      <p class="quiet">
        To see how it works, run <code>switchboard demo</code>: three pretend projects ask you something.
      </p>
    </section>
  );
}

/** How many cards are rendered: a screenful at once, the others after it is painted. */
function useGrowing(total: number): number {
  const [shown, show] = useState(CARDS_AT_FIRST);
  const all = shown >= total;
  useEffect(() => {
    if (all) return;
    // After the frame that is about to be painted.
    const frame = requestAnimationFrame(() => setTimeout(() => show((before) => before + CARDS_MORE)));
    return () => cancelAnimationFrame(frame);
  }, [shown, all]);
  return shown;
}

/** Moves ended cards away in a quiet moment: never while a hand is over the cards. */
function useSweeping(list: HTMLElement | null): void {
  useEffect(() => {
    if (!list) return;
    let over = false;
    let movedAt = 0;
    let sweptAt = Number.NEGATIVE_INFINITY;
    const hand = (event: PointerEvent) => {
      over = event.type !== 'pointerleave';
      movedAt = performance.now();
    };
    const press = (event: MouseEvent) => {
      if (event.detail === 0 || performance.now() - sweptAt > MOVED_MS) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const mayGo = ({ card, endedAt = 0 }: Entry) =>
      Date.now() - endedAt >= READ_MS &&
      draftOf(card.question_id).text === '' &&
      !cardElement(card.question_id)?.contains(document.activeElement);
    const unfollow = onTick(() => {
      if (!inbox.now.open.some((entry) => !isOpen(entry))) return;
      if (over && performance.now() - movedAt < STILL_MS) return;
      if (sweep(mayGo)) sweptAt = performance.now();
    });
    const abort = new AbortController();
    for (const type of ['pointermove', 'pointerdown', 'pointerleave'] as const) {
      list.addEventListener(type, hand, { signal: abort.signal, passive: true });
    }
    list.addEventListener('click', press, { signal: abort.signal, capture: true });
    return () => {
      abort.abort();
      unfollow();
    };
  }, [list]);
}

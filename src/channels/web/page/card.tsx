import { Component, type ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PageCard } from '../wire.ts';
import { AnswerForm } from './answer-form.tsx';
import { useTimeText } from './clock.ts';
import { Ending } from './ending.tsx';
import { Folded } from './folded.tsx';
import { askHub } from './hub.ts';
import { hueOf } from './hue.ts';
import { type Entry, isOpen } from './inbox-state.ts';
import { agoText } from './time-text.ts';

/** A card of the inbox: rendered again only when something about it has changed. */
export function CardRow({ entry }: { entry: Entry }) {
  return useMemo(() => <CardView entry={entry} />, [entry]);
}

function CardView({ entry }: { entry: Entry }) {
  const { card } = entry;
  const id = card.question_id;
  const open = isOpen(entry);
  return (
    <li class="slot">
      <KeepsHeight ended={!open}>
        <article
          class="card"
          id={`card-${id}`}
          data-open={open ? '' : undefined}
          data-hue={hueOf(card.session.title)}
          tabIndex={-1}
          aria-labelledby={`title-${id}`}
          aria-describedby={`question-${id}`}
        >
          <CardHead card={card} />
          <div class="question" id={`question-${id}`}>
            <Folded text={card.question} what="question" />
          </div>
          {card.context !== undefined && card.context !== '' && (
            <div class="context">
              <span class="unseen">Context: </span>
              <Folded
                text={card.context}
                what="context"
                fold={card.kind === 'permission' ? 'late' : 'usual'}
                fetchWhole={card.context_cut ? () => wholeContext(id) : undefined}
              />
            </div>
          )}
          {open ? <AnswerForm entry={entry} /> : <Ending entry={entry} />}
        </article>
      </KeepsHeight>
    </li>
  );
}

async function wholeContext(question: string): Promise<string> {
  return (await askHub<PageCard>(`/api/questions/${question}`)).context ?? '';
}

function CardHead({ card }: { card: PageCard }) {
  const { session, branch, kind, permission } = card;
  const facts = [session.project, branch].filter((fact) => fact && !session.title.includes(fact));
  return (
    <header class="card-head">
      <h2 id={`title-${card.question_id}`}>
        <a href={`/sessions/${session.id}`}>{session.title}</a>
      </h2>
      {kind === 'permission' && <span class="tag tag-permission">permission</span>}
      {permission?.dangers && <span class="tag tag-danger">dangerous</span>}
      {card.held && (
        <span class="tag tag-held" title="Not on your phone yet: it can be answered in the terminal">
          at the desk
        </span>
      )}
      {facts.length > 0 && (
        <span class="facts" title={card.project_dir}>
          {facts.join(' · ')}
        </span>
      )}
      <Age at={card.asked_at} />
    </header>
  );
}

/** How long ago, kept true by the page's clock. */
export function Age({ at }: { at: string }) {
  const text = useTimeText((now) => agoText(at, now));
  return (
    <time class="age" dateTime={at} title={new Date(at).toLocaleString()}>
      {text}
    </time>
  );
}

/**
 * A card that ends keeps its height as long as it stays in its place, so that those below do not move under the hand
 * that is about to press one of them.
 */
class KeepsHeight extends Component<{ ended: boolean; children?: ComponentChildren }> {
  #card: HTMLElement | null = null;

  override getSnapshotBeforeUpdate(before: { ended: boolean }): number | null {
    return !before.ended && this.props.ended ? (this.#card?.getBoundingClientRect().height ?? null) : null;
  }

  override componentDidUpdate(_before: unknown, _state: unknown, height: number | null): void {
    if (height !== null && this.#card) this.#card.style.minHeight = `${height}px`;
  }

  override render() {
    return (
      <div
        class="keeps-height"
        ref={(element) => {
          this.#card = element;
        }}
      >
        {this.props.children}
      </div>
    );
  }
}

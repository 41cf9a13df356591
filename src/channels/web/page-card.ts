import type { Card, RelayDesk } from '../../relay/channel.ts';
import { decisionWords } from '../../relay/verdict-words.ts';
import type { Inbox, PageCard } from './wire.ts';

const RECENT_MAX = 100;
// Five hundred questions with long contexts must not make a page wait for a hundred megabytes.
const CONTEXT_CHARS_MAX = 8_000;

/** A card as the page shows it, whole. */
export function wholePageCard(card: Card): PageCard {
  const { id, title, branch, project_dir, project } = card.session;
  const decision = decisionWords(card);
  return {
    ...card,
    session: { id, title, project },
    ...(branch === undefined ? {} : { branch }),
    ...(decision === null ? {} : { decision }),
    project_dir: project_dir ?? project,
  };
}

/** A card as the page shows it in a list: a long context is cut. */
export function pageCard(card: Card): PageCard {
  const whole = wholePageCard(card);
  if (card.context === undefined || card.context.length <= CONTEXT_CHARS_MAX) return whole;
  return { ...whole, context: card.context.slice(0, CONTEXT_CHARS_MAX).toWellFormed(), context_cut: true };
}

/** All that the page shows of the questions. */
export function pageInbox(desk: RelayDesk): Pick<Inbox, 'open' | 'recent' | 'sessions' | 'presence'> {
  return {
    open: desk.inbox().map(pageCard),
    recent: desk.recent(RECENT_MAX).map(pageCard),
    sessions: desk.sessions(),
    presence: desk.presence(),
  };
}

import type { PageCard } from '../wire.ts';
import { announce } from './announcer.tsx';
import { anyDraft, keepDraftsOf } from './drafts.ts';
import { endedText } from './ending-text.ts';
import { followHub } from './hub-stream.ts';
import {
  EMPTY_INBOX,
  type Entry,
  type InboxState,
  isOpen,
  swept,
  withCard,
  withInbox,
  withSessions,
} from './inbox-state.ts';
import { notifyOfNews, withdrawNotification } from './notifications.ts';
import { Value } from './value.ts';

/** What the page knows of the hub's inbox. */
export const inbox = new Value<InboxState>(EMPTY_INBOX);

/** Something happened to a card; pages that show its session look again. */
export const lastCard = new Value<PageCard | null>(null);

/** One frame: nobody sees the difference. */
const GATHER_MS = 16;
let gathered: PageCard[] = [];

/** The open questions, oldest first. */
export function openEntries({ open }: InboxState): Entry[] {
  return open.filter(isOpen);
}

/** Connects the inbox to the hub, for as long as the page is open. */
export function startInbox(): void {
  let build: string | null = null;
  followHub({
    inbox: (news) => {
      gathered = [];
      build ??= news.build;
      if (build !== news.build) loadAgainWhenIdle();
      if (!inbox.now.loaded) keepDraftsOf(news.open.map(({ question_id }) => question_id));
      change(withInbox(inbox.now, news, Date.now()));
    },
    card: (card) => {
      gathered.push(card);
      if (document.visibilityState === 'hidden') takeGathered();
      else if (gathered.length === 1) setTimeout(takeGathered, GATHER_MS);
    },
    sessions: (news) => {
      takeGathered();
      change(withSessions(inbox.now, news, Date.now()));
    },
    channels: (channels) => inbox.set({ ...inbox.now, channels }),
    presence: (presence) => inbox.set({ ...inbox.now, presence }),
  });
}

/** Takes up the cards that came one after another: hundreds at once would each cost a rendering. */
function takeGathered(): void {
  const cards = gathered;
  gathered = [];
  if (cards.length === 0) return;
  const now = Date.now();
  change(cards.reduce((state, card) => withCard(state, card, now), inbox.now));
  for (const card of cards) lastCard.set(card);
}

/** Moves ended cards that nobody looks at any more out of the way. */
export function sweep(mayGo: (entry: Entry) => boolean): boolean {
  const before = inbox.now;
  inbox.set(swept(before, mayGo));
  return inbox.now !== before;
}

/** Takes over a card that came with the hub's answer, ahead of the event. */
export function takeCard(card: PageCard): void {
  change(withCard(inbox.now, card, Date.now()));
}

function change(next: InboxState): void {
  const before = inbox.now;
  inbox.set(next);
  if (before.loaded) tellNews(before, next);
}

/** Says what is new to those who do not see it: by voice, and by the desktop while the page is in the background. */
function tellNews(before: InboxState, { open, recent }: InboxState): void {
  const known = new Map(before.open.map((entry) => [entry.card.question_id, entry]));
  const told = new Set(before.recent.map(({ question_id }) => question_id));
  const asked = open.filter((entry) => isOpen(entry) && !known.has(entry.card.question_id)).map(({ card }) => card);
  const notices = recent.filter(
    ({ kind, question_id }) => kind === 'notice' && !told.has(question_id) && !known.has(question_id),
  );
  const ended = open.filter((entry) => {
    const old = known.get(entry.card.question_id);
    return old !== undefined && isOpen(old) && !isOpen(entry);
  });
  for (const { card, sending } of ended) {
    withdrawNotification(card.question_id);
    // What this page sent is said by the hub's own sentence.
    if (!sending) announce(endedText(card));
  }
  if (asked.length === 1) announce(`New question of ${asked[0]?.session.title}: ${asked[0]?.question}`);
  if (asked.length > 1) announce(`${asked.length} new questions.`);
  for (const { session, question } of notices) announce(`${session.title} says: ${question}`);
  notifyOfNews([...asked, ...notices]);
}

function loadAgainWhenIdle(): void {
  const timer = setInterval(() => {
    if (anyDraft() || document.activeElement instanceof HTMLTextAreaElement) return;
    clearInterval(timer);
    location.reload();
  }, 500);
}

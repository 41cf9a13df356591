import type { Inbox, PageCard, PageEvents } from '../wire.ts';

// What the inbox shows, and how it changes: pure. Two promises to the hand on the mouse are kept here: a card never
// changes its place among the open ones, and one that has ended stays where it is until it is swept.

/** What is to be confirmed: what was given, why it is dangerous, what it is about, and whether a PIN is asked for. */
export interface Confirming {
  readonly given: { readonly options: readonly number[] } | { readonly text: string };
  readonly dangers: readonly string[];
  readonly pin: boolean;
  /** The card with its whole context. */
  readonly card: PageCard;
}

/** How far sending an answer has come; `message` is for the person. */
export type Sending =
  | { readonly step: 'sending'; readonly confirming?: Confirming }
  | { readonly step: 'confirm'; readonly message: string; readonly confirming: Confirming }
  | { readonly step: 'retrying' | 'refused' | 'taken'; readonly message: string };

/** A card among the open ones. */
export interface Entry {
  readonly card: PageCard;
  /** When the page learned that it has ended, in milliseconds; it waits to be swept. */
  readonly endedAt?: number;
  readonly sending?: Sending;
  /** That it has ended is only concluded from its absence: whatever the hub says of it next holds. */
  readonly concluded?: true;
}

export interface InboxState {
  /** False until the hub has said what is open. */
  readonly loaded: boolean;
  readonly open: readonly Entry[];
  /** Ended questions and notices, newest first. */
  readonly recent: readonly PageCard[];
  readonly sessions: Inbox['sessions'];
  readonly channels: Inbox['channels'];
  readonly presence: Inbox['presence'];
}

const RECENT_MAX = 100;

export const EMPTY_INBOX: InboxState = {
  loaded: false,
  open: [],
  recent: [],
  sessions: [],
  channels: [],
  presence: { away: false, sessions: {} },
};

/** Is it still to be answered? */
export function isOpen({ card }: Entry): boolean {
  return card.state.status === 'pending';
}

/** Takes up everything anew, after a (re)connection; cards that are shown keep their places. */
export function withInbox(state: InboxState, inbox: Inbox, now: number): InboxState {
  const open = new Map(inbox.open.map((card) => [card.question_id, card]));
  const recent = new Map(inbox.recent.map((card) => [card.question_id, card]));
  const kept = state.open.map((entry) => {
    const id = entry.card.question_id;
    const card = open.get(id) ?? recent.get(id);
    return card ? withNews(entry, card, now) : gone(entry, now);
  });
  const shown = new Set(kept.map(({ card }) => card.question_id));
  return {
    loaded: true,
    open: [...kept, ...inbox.open.filter(({ question_id }) => !shown.has(question_id)).map((card) => ({ card }))],
    recent: inbox.recent.filter(({ question_id }) => !shown.has(question_id)),
    sessions: inbox.sessions,
    channels: inbox.channels,
    presence: inbox.presence,
  };
}

/** A question was asked, ended or went further. A new one comes last. */
export function withCard(state: InboxState, card: PageCard, now: number): InboxState {
  const isIt = (other: PageCard) => other.question_id === card.question_id;
  if (state.open.some((entry) => isIt(entry.card))) {
    return { ...state, open: state.open.map((entry) => (isIt(entry.card) ? withNews(entry, card, now) : entry)) };
  }
  if (state.recent.some(isIt)) {
    const further = (other: PageCard) => (isIt(other) && stageOf(card) >= stageOf(other) ? card : other);
    return { ...state, recent: state.recent.map(further) };
  }
  if (card.kind === 'notice' || card.state.status !== 'pending') return withRecent(state, [card]);
  return { ...state, open: [...state.open, { card }] };
}

/**
 * Sessions came and went: questions of those that have gone have ended with them. One that a session does not have open
 * any more, although it runs, has ended in another way: how, its own card says, which may come after this.
 */
export function withSessions(state: InboxState, { sessions, open }: PageEvents['sessions'], now: number): InboxState {
  const [ids, running] = [new Set<string>(open), new Set<string>(sessions.map(({ name }) => name.id))];
  const entries = state.open.map((entry) => {
    const { question_id, session } = entry.card;
    return ids.has(question_id) || running.has(session.id) ? entry : gone(entry, now);
  });
  return { ...state, sessions, open: entries };
}

/** Says how far sending the answer to one question has come. */
export function withSending(state: InboxState, question: string, sending: Sending | undefined): InboxState {
  const change = ({ sending: _, ...entry }: Entry): Entry => (sending ? { ...entry, sending } : entry);
  return {
    ...state,
    open: state.open.map((entry) => (entry.card.question_id === question ? change(entry) : entry)),
  };
}

/** Moves the ended cards that may go to the recent ones; the same state when there are none. */
export function swept(state: InboxState, mayGo: (entry: Entry) => boolean): InboxState {
  const going = state.open.filter((entry) => !isOpen(entry) && mayGo(entry));
  if (going.length === 0) return state;
  const left = { ...state, open: state.open.filter((entry) => !going.includes(entry)) };
  return withRecent(
    left,
    going.map(({ card }) => card),
  );
}

function withRecent(state: InboxState, cards: readonly PageCard[]): InboxState {
  const recent = [...cards, ...state.recent].sort((a, b) => Date.parse(endOf(b)) - Date.parse(endOf(a)));
  return { ...state, recent: recent.slice(0, RECENT_MAX) };
}

/** When a card ended, or was told: ISO 8601. */
export function endOf({ state, asked_at }: PageCard): string {
  if (state.status === 'answered') return state.answered_at;
  return state.status === 'closed' ? state.at : asked_at;
}

function withNews({ concluded, ...entry }: Entry, card: PageCard, now: number): Entry {
  // The answer to a request may arrive after the event that tells more.
  if (!concluded && stageOf(card) < stageOf(entry.card)) return entry;
  const { endedAt, ...open } = entry;
  return card.state.status === 'pending' ? { ...open, card } : { ...open, card, endedAt: endedAt ?? now };
}

/** How far the story of a card has gone: it never goes back. */
function stageOf({ state }: PageCard): number {
  if (state.status === 'pending') return 0;
  const isTold = state.status === 'answered' ? state.delivered : state.lateAnswer !== undefined;
  return isTold ? 2 : 1;
}

/** The hub does not list it any more: its session is over. */
function gone(entry: Entry, now: number): Entry {
  if (!isOpen(entry)) return entry;
  const at = new Date(now).toISOString();
  const card: PageCard = { ...entry.card, state: { status: 'closed', reason: 'session_ended', at } };
  return { ...withNews(entry, card, now), concluded: true };
}

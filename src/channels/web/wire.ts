import type { Presence } from '../../domain/presence.ts';
import type { Card, SessionSummary } from '../../relay/channel.ts';

// What the hub and its page say to each other: JSON over HTTP, and server-sent events. Page and hub are of one build, so
// there is no version between them; a page that outlived its hub is told to load itself again (`build`).

/** Everything the inbox page shows; the first event of every stream, and `GET /api/inbox`. */
export interface Inbox {
  /** Names the build of the page's files: a page with another one loads itself again. */
  readonly build: string;
  readonly hub: { readonly version: string; readonly pid: number };
  /** Open questions of all live sessions, oldest first. */
  readonly open: readonly PageCard[];
  /** What ended, and notices, of the live sessions; newest first, a hundred at most. */
  readonly recent: readonly PageCard[];
  readonly sessions: readonly SessionSummary[];
  /** Is the person away from the desk: as a rule, and of single sessions. */
  readonly presence: Presence;
  /** How the other channels are. */
  readonly channels: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** A card with what the page shows of its session beside the title. */
export interface PageCard extends Card {
  /** The context is cut at 8,000 characters; the whole stands in `GET /api/questions/<question_id>`, a `PageCard`. */
  readonly context_cut?: true;
  readonly branch?: string | undefined;
  readonly project_dir: string;
  /** Of a permission that was answered: what was decided, e.g. `Allowed once`. */
  readonly decision?: string;
}

/** Events of `GET /api/events` by name, each with its data. */
export interface PageEvents {
  /** First, and whenever everything may be new. */
  readonly inbox: Inbox;
  /** A question was asked, ended or went further. */
  readonly card: PageCard;
  /** Sessions came, went or are called otherwise; cards of sessions that are gone leave the open ones. */
  readonly sessions: { readonly sessions: readonly SessionSummary[]; readonly open: readonly string[] };
  readonly channels: Inbox['channels'];
  readonly presence: Presence;
}

/** `POST /api/answer`. The same `press_id` (UUID v4) is the same act however often it is sent. */
export interface AnswerRequest {
  readonly question_id: string;
  readonly press_id: string;
  /** One of both: indexes of options, or words. */
  readonly options?: readonly number[];
  readonly text?: string;
  /** Of a dangerous permission: said again, with all of it in sight; and with the PIN where one is set. */
  readonly confirmed?: true;
  readonly pin?: string;
}

/** What became of it: the relay's verdict, in a sentence for the person. */
export interface AnswerResponse {
  readonly verdict: string;
  readonly ok: boolean;
  readonly message: string;
  readonly card?: PageCard;
  /** It is dangerous, and to be confirmed; the card is whole. */
  readonly confirm?: { readonly dangers: readonly string[]; readonly pin: boolean };
}

/** `POST /api/tell`: a word to a session that has not asked. The same `press_id` is the same word. */
export interface TellRequest {
  readonly session_id: string;
  readonly press_id: string;
  readonly text: string;
}

/** What became of it, in a sentence for the person. */
export interface TellResponse {
  readonly ok: boolean;
  readonly message: string;
}

/** `POST /api/away`; answered by the `Presence` from now on. Without a session: of all. */
export interface AwayRequest {
  readonly away: boolean;
  readonly session_id?: string;
}

// `GET /api/sessions?state=live|archived|all&project=&q=&after=<next>` is a `SessionList`: 50 at a time, newest first.
// `GET /api/sessions/<id>/timeline?q=&type=<type>,<type>&before=<previous>` is a `Timeline`: the newest 200 items first.
// `GET /api/sessions/<id>/raw` is the session's log as a download.
export type { SessionEntry, SessionList, Timeline, TimelineItem } from '../../relay/history.ts';
export type { Presence };

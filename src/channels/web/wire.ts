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
  /** How the other channels are. */
  readonly channels: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** A card with what the page shows of its session beside the title. */
export interface PageCard extends Card {
  /** The context is cut at 8,000 characters; the whole stands in `GET /api/questions/<question_id>`, a `PageCard`. */
  readonly context_cut?: true;
  readonly branch?: string | undefined;
  readonly project_dir: string;
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
}

/** `POST /api/answer`. The same `press_id` (UUID v4) is the same act however often it is sent. */
export interface AnswerRequest {
  readonly question_id: string;
  readonly press_id: string;
  /** One of both: indexes of options, or words. */
  readonly options?: readonly number[];
  readonly text?: string;
}

/** What became of it: the relay's verdict, in a sentence for the person. */
export interface AnswerResponse {
  readonly verdict: string;
  readonly ok: boolean;
  readonly message: string;
  readonly card?: PageCard;
}

// `GET /api/sessions?state=live|archived|all&project=&q=&after=<next>` is a `SessionList`: 50 at a time, newest first.
// `GET /api/sessions/<id>/timeline?q=&type=<type>,<type>&before=<previous>` is a `Timeline`: the newest 200 items first.
// `GET /api/sessions/<id>/raw` is the session's log as a download.
export type { SessionEntry, SessionList, Timeline, TimelineItem } from '../../relay/history.ts';

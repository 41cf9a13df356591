import type { SessionId } from '../domain/ids.ts';

/** One session, live or archived, as its log tells it. */
export interface SessionEntry {
  readonly session_id: string;
  readonly state: 'live' | 'archived';
  /** The day it was archived, YYYY-MM-DD. */
  readonly archived_on?: string | undefined;
  readonly title: string;
  readonly project: string;
  readonly project_dir: string;
  readonly branch?: string | undefined;
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at?: string | undefined;
  /** Of its log. */
  readonly bytes: number;
  /** Open questions; of live sessions only. */
  readonly open?: number | undefined;
}

/** A page of sessions: live ones first, each kind newest first. */
export interface SessionList {
  readonly sessions: readonly SessionEntry[];
  /** Give it as `after` to go on; absent at the end. */
  readonly next?: string | undefined;
  readonly projects: readonly string[];
}

/** Which sessions are wanted. */
export interface SessionWish {
  readonly state: 'live' | 'archived' | 'all';
  readonly project?: string | undefined;
  /** Words that title, project, directory, branch or id hold, in any case of letters. */
  readonly q?: string | undefined;
  readonly after?: string | undefined;
}

/** A record as people see it; heartbeats in a row are one item. */
export interface TimelineItem {
  /** Where it stands, unique within the session. */
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
  /** The record's type. */
  readonly type: string;
  /** What happened, in one of the five verbs where one fits: asked, shown, answered, delivered, settled, error … */
  readonly what: string;
  readonly text: string;
  readonly question_id?: string | undefined;
  /** Claimed a slot that somebody held: changed nothing. */
  readonly too_late?: true;
  /** Of folded heartbeats: how many, and until when. */
  readonly count?: number | undefined;
  readonly until?: string | undefined;
}

/** A page of what happened in a session: the newest page first, in file order within it. */
export interface Timeline {
  readonly session: SessionEntry;
  readonly items: readonly TimelineItem[];
  /** Give it as `before` for what stands earlier; absent at the start of the log. */
  readonly previous?: string | undefined;
  /** Complete lines in this page's part of the log that are no records. */
  readonly unreadable: number;
}

/** Which part of a timeline is wanted. */
export interface TimelineWish {
  /** Record types; none: all. */
  readonly types?: readonly string[] | undefined;
  /** Words that an item holds, in any case of letters. */
  readonly q?: string | undefined;
  readonly before?: string | undefined;
}

/** What sessions have left behind, to be read only. `signal`: nobody waits for it any more. */
export interface History {
  list(wish: SessionWish, signal: AbortSignal): Promise<SessionList>;
  /** Null: no such session. */
  timeline(session: SessionId, wish: TimelineWish, signal: AbortSignal): Promise<Timeline | null>;
  /** The session's log as it stands in its files, in pieces; null: no such session. */
  raw(session: SessionId): Promise<AsyncIterable<Uint8Array> | null>;
}

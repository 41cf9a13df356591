import type { GivenChoice } from '../domain/answer-input.ts';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import type { Option, Person, QuestionClosed, QuestionRecord } from '../domain/records.ts';

/** How a session is called wherever a person sees it. */
export interface SessionName {
  readonly id: SessionId;
  /** Label, else `project · branch`, with the id's first 8 characters where two live sessions would look the same. */
  readonly title: string;
  /** The name of the project's directory. */
  readonly project: string;
}

/** How a card ended, or that it has not. */
export type CardState =
  | { readonly status: 'pending' }
  | {
      readonly status: 'answered';
      readonly answer: string;
      readonly selected?: readonly string[] | undefined;
      readonly answered_by: Person;
      readonly answered_at: string;
      /** Claude has the answer. */
      readonly delivered: boolean;
    }
  | {
      readonly status: 'closed';
      readonly reason: QuestionClosed['reason'];
      readonly at: string;
      readonly answer?: string | undefined;
      /** An answer that came after it had expired, kept for the session's next check. */
      readonly lateAnswer?: { readonly answer: string; readonly answered_by: Person } | undefined;
    };

/** A question as a channel shows it. */
export interface Card {
  readonly question_id: QuestionId;
  readonly session: SessionName;
  readonly kind: QuestionRecord['kind'];
  readonly question: string;
  readonly context?: string | undefined;
  readonly options: readonly Option[];
  readonly multi_select: boolean;
  readonly allow_text: boolean;
  readonly default_answer?: string | undefined;
  readonly level?: QuestionRecord['level'];
  /** ISO 8601. */
  readonly asked_at: string;
  readonly expires_at?: string | undefined;
  readonly state: CardState;
}

/** What a person did, as its channel understood it. */
export interface Press {
  readonly question_id: QuestionId;
  readonly given: GivenChoice;
  /** Who did it; `channel` is the channel's name. */
  readonly person: Person;
  /** What caused it, e.g. the Telegram update: the same cause gives the same record however often it comes. */
  readonly cause: EventId;
}

/** What the relay made of a press: the channel says it to the person in its own words. Only `recorded` changed anything. */
export type Verdict =
  /** In the session file; Claude gets it as soon as it looks. */
  | { readonly verdict: 'recorded'; readonly card: Card }
  /** The question had expired; the answer is kept for the session's next check. */
  | { readonly verdict: 'recorded_late'; readonly card: Card }
  /** Somebody was first; the card says who and what. */
  | { readonly verdict: 'already_answered'; readonly card: Card }
  /** Over without an answer, and nobody can use one any more. */
  | { readonly verdict: 'closed'; readonly card: Card }
  /** No live session has this question. */
  | { readonly verdict: 'unknown_question' }
  /** This person may not answer. */
  | { readonly verdict: 'not_allowed' }
  /** Not an answer to this question; `message` says why. */
  | { readonly verdict: 'invalid'; readonly message: string }
  /** Could not be written down; nothing was recorded, the person may try again. `message` says why. */
  | { readonly verdict: 'failed'; readonly message: string };

/** A live session as `/status` lists it. */
export interface SessionSummary {
  readonly name: SessionName;
  readonly started_at: string;
  readonly pending: number;
}

/** What a channel may ask the relay. Answers come from the session files and change nothing but by `answer`. */
export interface RelayDesk {
  /**
   * Resolves once all that was there at the start has been read. Before that the inbox is not complete: what people do
   * must not be judged by it.
   */
  ready(): Promise<void>;
  /** Hands over what a person did, and resolves once it is in the session file, or is known not to be. */
  answer(press: Press): Promise<Verdict>;
  /** May this person answer and see? Channels ask before they show anything to anybody. */
  isOwner(person: Person): boolean;
  /** All open questions of all live sessions, oldest first. */
  inbox(): readonly Card[];
  /** The card of one question of a live session, open or ended; null when no live session has it. */
  card(question: QuestionId): Card | null;
  /** Tries again at once whatever card could not be shown or settled, e.g. because a person has just opened the chat. */
  retryCards(): void;
  sessions(): readonly SessionSummary[];
}

/** How a channel is, for `status` and for the progress of waiting tools. */
export interface ChannelHealth {
  readonly ok: boolean;
  /** One plain sentence without secrets, e.g. "Telegram unreachable". */
  readonly detail: string;
  /** ISO 8601: since when it is as it is. */
  readonly since: string;
}

/** A place where a person sees questions and answers them. Translates between people and the relay; decides nothing. */
export interface Channel {
  readonly name: string;
  /** The chats that get a card of every question; each has its own card and ref. May change as people come and go. */
  chats(): readonly string[];
  /**
   * Shows a card in a chat, as soon as the service's limits allow, and returns the ref that finds it again.
   * Retries what may pass by itself; throws a `ChannelError` when it gave up.
   */
  show(card: Card, chat: string): Promise<string>;
  /**
   * Makes a shown card say how it ended; may be called again as the story goes on (delivered). A later call overtakes
   * a waiting earlier one. A card that cannot be changed any more (deleted, blocked) counts as settled.
   */
  settle(ref: string, card: Card): Promise<void>;
  /** Lives until `signal` aborts: brings what people do to the desk. Rejects only when it can never work (bad token). */
  run(desk: RelayDesk, signal: AbortSignal): Promise<void>;
  health(): ChannelHealth;
}

import type { GivenChoice } from '../domain/answer-input.ts';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import type { Presence } from '../domain/presence.ts';
import type { Option, Permission, Person, QuestionClosed, QuestionRecord } from '../domain/records.ts';

/** How a session is called wherever a person sees it. */
export interface SessionName {
  readonly id: SessionId;
  /** Label, else `project · branch`, with the id's first 8 characters where two live sessions would look the same. */
  readonly title: string;
  /** The name of the project's directory. */
  readonly project: string;
  readonly project_dir?: string | undefined;
  readonly branch?: string | undefined;
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
      /** It was answered there instead: `terminal`. */
      readonly where?: string | undefined;
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
  /** Options, by index, that are not offered: what they would allow cannot be shown. */
  readonly withheld?: readonly number[] | undefined;
  /** So many more stand in the session file: no person can choose from them here. */
  readonly options_left_out?: number;
  readonly multi_select: boolean;
  readonly allow_text: boolean;
  readonly default_answer?: string | undefined;
  readonly level?: QuestionRecord['level'];
  /** Of kind `permission`: what wants to run. */
  readonly permission?: Permission | undefined;
  /** Waits for somebody at the desk: it is in no list of what waits for a person elsewhere, and has no card there yet. */
  readonly held?: true | undefined;
  /** ISO 8601. */
  readonly asked_at: string;
  readonly expires_at?: string | undefined;
  readonly state: CardState;
}

/** A file that a person sent as an answer. Nothing of it is fetched before the question can take it. */
export interface GivenFile {
  /** As the person's app calls it; whoever keeps it makes it safe. */
  readonly name: string;
  readonly mime?: string | undefined;
  /** Somebody speaks in it: what they say may be the answer. */
  readonly spoken: boolean;
  /**
   * Fetches the content.
   *
   * @throws ChannelError when it cannot be had.
   */
  read(): Promise<Uint8Array>;
}

/** Files as an answer; the caption is its text and may be empty. */
export interface GivenFiles {
  readonly caption: string;
  readonly files: readonly GivenFile[];
}

/** What a person did, as its channel understood it. */
export interface Press {
  readonly question_id: QuestionId;
  readonly given: GivenChoice | GivenFiles;
  /** Who did it; `channel` is the channel's name. */
  readonly person: Person;
  /** What caused it, e.g. the Telegram update: the same cause gives the same record however often it comes. */
  readonly cause: EventId;
  /** Of a dangerous permission: the person has seen the whole of it, and says yes again. */
  readonly confirmed?: true | undefined;
  /** A secret: never to be logged. */
  readonly pin?: string | undefined;
}

/** A person's word to a session that has not asked. */
export interface Word {
  readonly session: SessionId;
  readonly text: string;
  readonly person: Person;
  /** What caused it: the same cause is the same word however often it comes. */
  readonly cause: EventId;
}

/** What became of a person's word. Only `written` changed anything. */
export type WordVerdict =
  /** In the session file. `delivered` resolves soon: Claude has it, or gets it with its next step. */
  | { readonly verdict: 'written'; readonly session: SessionName; readonly delivered: Promise<boolean> }
  /** No such session lives. */
  | { readonly verdict: 'ended' }
  | { readonly verdict: 'not_allowed' }
  /** No such word can be sent, or it could not be written down; nothing was sent. `message` says why. */
  | { readonly verdict: 'invalid' | 'failed'; readonly message: string };

/** Of a spoken answer, when a transcriber is set up: its words are the answer, or it was handed over as a file only. */
export type Transcription = 'done' | 'failed';

/** What the relay made of a press: the channel says it to the person in its own words. Only `recorded` changed anything. */
export type Verdict =
  /** In the session file; Claude gets it as soon as it looks. */
  | { readonly verdict: 'recorded'; readonly card: Card; readonly transcription?: Transcription }
  /** The question had expired; the answer is kept for the session's next check. */
  | { readonly verdict: 'recorded_late'; readonly card: Card; readonly transcription?: Transcription }
  /** Somebody was first; the card says who and what. */
  | { readonly verdict: 'already_answered'; readonly card: Card }
  /** Dangerous, so to be said once more, with the whole card in sight (its context is whole); `pin`: and with the PIN. */
  | {
      readonly verdict: 'confirm';
      readonly card: Card;
      /** The option that was chosen, by index. */
      readonly option: number;
      readonly dangers: readonly string[];
      readonly pin: boolean;
    }
  /** Not the PIN; 0 attempts: none is taken for a while, not even the right one. */
  | { readonly verdict: 'wrong_pin'; readonly card: Card; readonly attempts_left: number }
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

/** What became of a person who showed a pairing code. */
export type Admission =
  /** An owner from now on: heard, and shown every open question. */
  | { readonly admission: 'admitted' }
  /** An owner before, by another code or by the settings; this code was not used. */
  | { readonly admission: 'owner_already' }
  /** Not the code, or used, expired or withdrawn. */
  | { readonly admission: 'refused' }
  | { readonly admission: 'too_many_attempts' }
  /** The right code, but it could not be written down; `message` says why. */
  | { readonly admission: 'failed'; readonly message: string };

/** A live session as `/status` lists it. */
export interface SessionSummary {
  readonly name: SessionName;
  readonly started_at: string;
  readonly pending: number;
}

/** What is new since a channel was told last. */
export interface Changes {
  /** Questions that were asked, ended or went further. */
  readonly questions: ReadonlySet<QuestionId>;
  /** Sessions came, went or are called otherwise. */
  readonly sessions: boolean;
  /** Somebody is away, or back. */
  readonly presence: boolean;
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
  /** The card that this very act has answered before, e.g. ahead of a crash; null when it has answered none. */
  answeredBy(cause: EventId): Card | null;
  /** Hands over a person's word to a session, and resolves once it is in the session file, or is known not to be. */
  tell(word: Word): Promise<WordVerdict>;
  /** The session that this very act has told something before; null when it has told none. */
  toldBy(cause: EventId): SessionId | null;
  /** Is the person away from the desk? */
  presence(): Presence;
  /**
   * Writes down that the person is away or back: from one session, or from all. Who is away gets at once what waited for
   * the desk. Throws when it cannot be written down; then nothing has changed.
   */
  setAway(away: boolean, session?: SessionId): Presence;
  /** May this person answer and see? Channels ask before they show anything to anybody. */
  isOwner(person: Person): boolean;
  /** Decides about a pairing code that a person shows, and writes down the new owner before it says so. */
  admit(person: Person, code: string): Admission;
  /** All open questions of all live sessions, oldest first. */
  inbox(): readonly Card[];
  /** What has ended of all live sessions, and their notices: newest first, at most `limit`. */
  recent(limit: number): readonly Card[];
  /** Tells a channel what is new, merged per tick, until the returned function is called. */
  onChange(listener: (changes: Changes) => void): () => void;
  /** Where a channel has shown a question of a live session: the ref of its card by chat. */
  refs(question: QuestionId, channel: string): ReadonlyMap<string, string>;
  /** The card of one question of a live session, open or ended; null when no live session has it. */
  card(question: QuestionId): Card | null;
  /** Was this question open when the log of its session was last read? Without a card it may come back, and is not over. */
  wasOpen(question: QuestionId): boolean;
  /**
   * Gives every open question its card in every chat, and tries again at once whatever could not be shown or settled: a
   * channel has a new chat, works again, or a person has just opened the chat.
   */
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
  /** How many chats get a card of a new question right now. */
  readonly chats: number;
  /** It has only just begun: whether it will be ok is not known yet. */
  readonly connecting?: boolean;
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

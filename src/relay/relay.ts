import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import { judgeSession, type Observer } from '../domain/liveness.ts';
import { isAway, type Presence } from '../domain/presence.ts';
import type { Person } from '../domain/records.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import { aborted } from '../runtime/waiting.ts';
import type { SessionStore } from '../store/contract.ts';
import type { News } from '../store/session-view.ts';
import { Archiving } from './archiving.ts';
import type {
  Admission,
  Card,
  Changes,
  Channel,
  Press,
  RelayDesk,
  SessionSummary,
  Verdict,
  Word,
  WordVerdict,
} from './channel.ts';
import type { Confirmations } from './confirmations.ts';
import { Following } from './following.ts';
import { HeldCards } from './held-cards.ts';
import type { Transcribe } from './keep-files.ts';
import { recordWord, untilDelivered } from './record-word.ts';
import { takePress } from './take-press.ts';
import { TrackedSession } from './tracked-session.ts';
import { TrackedSessions } from './tracked-sessions.ts';
import { CLAIMED_TWICE, LOG_GONE } from './verdict-words.ts';

/** What a relay is made of. */
export interface RelayParts {
  readonly channels: readonly Channel[];
  readonly isOwner: (person: Person) => boolean;
  /** Decides about pairing codes; without it nobody is admitted. */
  readonly admit?: (person: Person, code: string) => Admission;
  readonly observer: () => Observer;
  /** Turns what somebody says in a file into text; without it a voice message stays a file. */
  readonly transcribe?: Transcribe | undefined;
  /** What must be approved twice, and by whom it was tried. */
  readonly confirmations: Confirmations;
  /** Where it stands whether the person is away; see `runtime/presence.ts`. */
  readonly presence: {
    readonly read: () => Presence;
    readonly set: (away: boolean, session?: SessionId) => Presence;
  };
  /** Tells a session to look at its file now. */
  readonly tellSession: (session: SessionId) => void;
  readonly log: Logger;
  readonly timings: Timings;
  readonly now?: () => number;
}

// A session whose socket has just closed may take a moment to be gone for the kernel too. One that has just come connects
// within this time, and if it dies before that, nobody else tells of it.
const JUDGE_AFTER_MS = [0, 100, 1_000, 5_000];
// Ten looks a heartbeat: a process that died without a word is found within half a minute.
const JUDGEMENTS_PER_HEARTBEAT = 10;

/**
 * Brings questions out and answers in. Everything it knows it has read from the session files, so a new relay that
 * reads them again goes on where a killed one stopped.
 */
export class Relay implements RelayDesk {
  private readonly parts: RelayParts;
  private readonly now: () => number;
  private readonly tracked = new TrackedSessions();
  /** Judgements that are about to be made, by how long after the change they are. */
  private readonly judgements = new Map<number, 'once' | 'again'>();
  private readonly end = new AbortController();
  private readonly held: HeldCards;
  private readonly archiving: Archiving;
  private readonly following: Following;

  constructor(parts: RelayParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
    const { observer, log } = parts;
    const { signal } = this.end;
    const { tracked, now } = this;
    this.held = new HeldCards({
      isAway: (session) => isAway(parts.presence.read(), session),
      due: (session, question) => {
        tracked.get(session)?.keep(question);
        tracked.changes.question(question);
      },
      now,
      signal,
    });
    const lookAt = (session: TrackedSession): Promise<void> => this.following.lookAt(session);
    this.archiving = new Archiving({ tracked, observer, lookAt, log, signal });
    const tryArchive = (session: TrackedSession): void => this.archiving.tryArchive(session);
    this.following = new Following({ tracked, make: (store, id) => this.make(store, id), tryArchive, log, signal });
  }

  /** Lives until `signal` aborts: runs the channels and judges sessions. A channel that fails for good ends alone. */
  async run(signal: AbortSignal): Promise<void> {
    const judging = setInterval(
      () => this.judgeSessions(),
      Math.max(50, this.parts.timings.heartbeat / JUDGEMENTS_PER_HEARTBEAT),
    );
    const running = this.parts.channels.map((channel) =>
      channel.run(this, this.end.signal).catch((error: unknown) => {
        this.parts.log.error({ channel: channel.name, error: String(error) }, 'channel stopped for good');
      }),
    );
    await aborted(signal);
    clearInterval(judging);
    this.end.abort();
    await Promise.all(running);
  }

  /** Takes in the sessions of a directory, now and as they come. Resolves when those that are there have been read. */
  async addStore(directory: string, store: SessionStore): Promise<void> {
    if (await this.following.add(directory, store)) this.judgeSessions();
  }

  ready(): Promise<void> {
    return this.following.ready();
  }

  /** Looks at a session's file now; a session not known yet is taken in. */
  look(id: SessionId, directory?: string): Promise<void> {
    return this.following.look(id, directory);
  }

  /** A session has come or gone: judges now, and again in a moment, since a process takes its time to die. */
  sessionsChanged(): void {
    for (const ms of JUDGE_AFTER_MS) {
      // Twenty sessions that come at once are one change, and what comes later is looked for as long as the first.
      if (this.judgements.has(ms)) this.judgements.set(ms, 'again');
      else this.judgeAfter(ms);
    }
  }

  private judgeAfter(ms: number): void {
    this.judgements.set(ms, 'once');
    const judge = (): void => {
      const again = this.judgements.get(ms) === 'again';
      this.judgements.delete(ms);
      this.judgeSessions();
      if (again && !this.end.signal.aborted) this.judgeAfter(ms);
    };
    setTimeout(judge, ms).unref();
  }

  retryCards(): void {
    for (const session of this.tracked.all()) session.hurry();
  }

  /** How many sessions live, as far as can be judged, or still wait for a last card to be shown or settled. */
  liveSessions(): number {
    const observer = this.parts.observer();
    let live = 0;
    for (const session of this.tracked.all()) {
      if (!judgeSession(session.view.state, observer) || session.owesCards()) live += 1;
    }
    return live;
  }

  isOwner(person: Person): boolean {
    return this.parts.isOwner(person);
  }

  admit(person: Person, code: string): Admission {
    return this.parts.admit?.(person, code) ?? { admission: 'refused' };
  }

  async answer(press: Press): Promise<Verdict> {
    if (!this.isOwner(press.person)) return { verdict: 'not_allowed' };
    // A text that comes again, after a crash, would else be taken for the answer to whatever is open by then.
    const before = this.tracked.answeredBy(press.cause);
    if (before && before.question_id !== press.question_id) return { verdict: 'recorded', card: before };
    let verdict = await this.take(press);
    // Its log was put in the place of another one after it was found here: its owner is writing the question again.
    if (verdict.verdict === 'unknown_question' && this.tracked.mayComeBack(press.question_id)) {
      verdict = await this.take(press);
    }
    if (verdict.verdict !== 'unknown_question' || !this.wasOpen(press.question_id)) return verdict;
    return { verdict: 'invalid', message: LOG_GONE };
  }

  async tell({ session: id, ...word }: Word): Promise<WordVerdict> {
    if (!this.isOwner(word.person)) return { verdict: 'not_allowed' };
    // What comes again, after a crash, is the word that it was, to no other session.
    const session = this.tracked.get(this.tracked.toldBy(word.cause) ?? id);
    if (!session) return { verdict: 'ended' };
    const now = new Date(this.now()).toISOString();
    const result = await recordWord(session.store, session.view, { ...word, now }, this.isOver);
    if ('message' in result) return { verdict: result.outcome, message: result.message };
    if (result.outcome === 'ended') return { verdict: 'ended' };
    this.parts.tellSession(session.view.id);
    const delivered = untilDelivered(session.view, word.cause, (msMax) => session.nextNews(msMax));
    return { verdict: 'written', session: this.tracked.nameOf(session.view.id), delivered };
  }

  toldBy(cause: EventId): SessionId | null {
    return this.tracked.toldBy(cause) ?? null;
  }

  presence(): Presence {
    return this.parts.presence.read();
  }

  setAway(away: boolean, session?: SessionId): Presence {
    const presence = this.parts.presence.set(away, session);
    this.presenceChanged();
    return presence;
  }

  /** Somebody else has written down that the person is away or back. */
  presenceChanged(): void {
    this.tracked.presenceChanged(this.now());
  }

  answeredBy(cause: EventId): Card | null {
    return this.tracked.answeredBy(cause) ?? null;
  }

  inbox(): readonly Card[] {
    return this.tracked.openCards();
  }

  recent(limit: number): readonly Card[] {
    return this.tracked.recentCards(limit);
  }

  onChange(listener: (changes: Changes) => void): () => void {
    return this.tracked.changes.add(listener);
  }

  card(id: QuestionId): Card | null {
    return this.tracked.card(id);
  }

  wasOpen(id: QuestionId): boolean {
    return this.tracked.wasOpen(id);
  }

  refs(id: QuestionId, channel: string): ReadonlyMap<string, string> {
    return this.tracked.refs(id, channel);
  }

  sessions(): readonly SessionSummary[] {
    return this.tracked.living(this.parts.observer());
  }

  private async take(press: Press): Promise<Verdict> {
    const session = this.tracked.asking(press.question_id) ?? (await this.following.find(press.question_id));
    if (!session) return { verdict: 'unknown_question' };
    if (this.tracked.isClaimedTwice(press.question_id)) return { verdict: 'invalid', message: CLAIMED_TWICE };
    const { log, transcribe, confirmations } = this.parts;
    const directory = this.following.directoryOf(session);
    const now = new Date(this.now()).toISOString();
    const tools = { directory, transcribe, log, now, isOver: this.isOver, confirmations };
    const verdict = await takePress(press, session, tools);
    // The waiting tool hears of it first, then the person, then the cards.
    if (verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late') this.parts.tellSession(session.view.id);
    return verdict;
  }

  private readonly isOver = (state: SessionState): boolean => judgeSession(state, this.parts.observer()) !== null;

  /** A session to be followed, with the keepers of its cards. */
  private make(store: SessionStore, id: SessionId): TrackedSession {
    const session: TrackedSession = new TrackedSession(store, id, {
      channels: this.parts.channels,
      name: () => this.tracked.nameOf(id),
      undelivered: this.tracked.undeliveredOf(store, id),
      isHeld: (question) => this.held.isHeld(id, question),
      log: this.parts.log,
      timings: this.parts.timings,
      signal: this.end.signal,
      onNews: (news) => this.takeIn(session, news),
      onContext: (question) => this.tracked.changes.question(question),
      advanced: () => {
        if (judgeSession(session.view.state, this.parts.observer())) this.archiving.tryArchive(session);
      },
    });
    this.sessionsChanged();
    return session;
  }

  private takeIn(session: TrackedSession, news: News): void {
    this.tracked.remember(session, news);
    const types = new Set(news.records.map(({ type }) => type));
    if (news.restarted || types.has('session_metadata') || types.has('session_updated')) this.tracked.renamed();
    if (session.view.state.ended && types.has('system')) this.archiving.tryArchive(session);
  }

  private judgeSessions(): void {
    const observer = this.parts.observer();
    for (const session of this.tracked.all()) {
      if (judgeSession(session.view.state, observer)) this.archiving.tryArchive(session);
    }
  }
}

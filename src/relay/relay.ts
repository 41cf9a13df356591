import { setTimeout as delay } from 'node:timers/promises';
import type { EventId, QuestionId, SessionId } from '../domain/ids.ts';
import { judgeSession, type Observer } from '../domain/liveness.ts';
import type { Person } from '../domain/records.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import { aborted } from '../runtime/waiting.ts';
import { archiveIfOver } from '../store/archivist.ts';
import type { SessionStore } from '../store/contract.ts';
import type { News } from '../store/session-view.ts';
import type { Admission, Card, Changes, Channel, Press, RelayDesk, SessionSummary, Verdict } from './channel.ts';
import type { Transcribe } from './keep-files.ts';
import { takePress } from './take-press.ts';
import { TrackedSession } from './tracked-session.ts';
import { TrackedSessions } from './tracked-sessions.ts';

/** What a relay is made of. */
export interface RelayParts {
  readonly channels: readonly Channel[];
  readonly isOwner: (person: Person) => boolean;
  /** Decides about pairing codes; without it nobody is admitted. */
  readonly admit?: (person: Person, code: string) => Admission;
  readonly observer: () => Observer;
  /** Turns what somebody says in a file into text; without it a voice message stays a file. */
  readonly transcribe?: Transcribe | undefined;
  /** Tells a session to look at its file now. */
  readonly tellSession: (session: SessionId) => void;
  readonly log: Logger;
  readonly timings: Timings;
  readonly now?: () => number;
}

// A session whose socket has just closed may take a moment to be gone for the kernel too.
const JUDGE_AFTER_MS = [0, 100, 1_000];
// A log that was deleted, cut short or replaced is written again by its owner within milliseconds; a press in that moment
// waits for it.
const REWRITING_MS = 100;
const REWRITING_LOOKS_MAX = 20;
// Ten looks a heartbeat: a process that died without a word is found within half a minute.
const JUDGEMENTS_PER_HEARTBEAT = 10;

/**
 * Brings questions out and answers in. Everything it knows it has read from the session files, so a new relay that
 * reads them again goes on where a killed one stopped.
 */
export class Relay implements RelayDesk {
  private readonly parts: RelayParts;
  private readonly now: () => number;
  private readonly stores = new Map<string, SessionStore>();
  private readonly tracked = new TrackedSessions();
  private readonly archiving = new Set<SessionId>();
  /** Judgements that are about to be made, by how long after the change they are. */
  private readonly judgements = new Set<number>();
  /** Stores that are being read for the first time. */
  private readonly reading = new Set<Promise<void>>();
  private readonly end = new AbortController();

  constructor(parts: RelayParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
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
    if (this.stores.has(directory)) return;
    this.stores.set(directory, store);
    this.follow(directory, store).catch((error: unknown) => {
      this.parts.log.error({ directory, error: String(error) }, 'stopped following a sessions directory');
    });
    const reading: Promise<void> = this.rescan(store).finally(() => this.reading.delete(reading));
    this.reading.add(reading);
    await reading;
    this.judgeSessions();
  }

  async ready(): Promise<void> {
    // A place that cannot be read has been told of by who added it, and holds up no other.
    await Promise.allSettled(this.reading);
  }

  /** Looks at a session's file now; a session not known yet is taken in. */
  async look(id: SessionId, directory?: string): Promise<void> {
    const known = this.tracked.get(id);
    if (known) return this.lookAt(known);
    const store = directory === undefined ? undefined : this.stores.get(directory);
    if (store) return this.track(store, id);
    await Promise.all([...this.stores.values()].map((each) => this.rescan(each)));
  }

  /** A session has come or gone: judges now, and again in a moment, since a process takes its time to die. */
  sessionsChanged(): void {
    for (const ms of JUDGE_AFTER_MS) {
      // Twenty sessions that come at once are one change.
      if (this.judgements.has(ms)) continue;
      this.judgements.add(ms);
      const judge = (): void => {
        this.judgements.delete(ms);
        this.judgeSessions();
      };
      setTimeout(judge, ms).unref();
    }
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
    const session = this.tracked.asking(press.question_id) ?? (await this.find(press.question_id));
    if (!session) return { verdict: 'unknown_question' };
    const { log, transcribe } = this.parts;
    const [directory = ''] = [...this.stores].find(([, store]) => store === session.store) ?? [];
    const now = new Date(this.now()).toISOString();
    const isOver = (state: SessionState): boolean => judgeSession(state, this.parts.observer()) !== null;
    const verdict = await takePress(press, session, { directory, transcribe, log, now, isOver });
    // The waiting tool hears of it first, then the person, then the cards.
    if (verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late') this.parts.tellSession(session.view.id);
    return verdict;
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

  refs(id: QuestionId, channel: string): ReadonlyMap<string, string> {
    return this.tracked.refs(id, channel);
  }

  sessions(): readonly SessionSummary[] {
    return this.tracked.living(this.parts.observer());
  }

  private async follow(directory: string, store: SessionStore): Promise<void> {
    for await (const id of store.hints(null, this.end.signal)) {
      const looked = id === null ? this.rescan(store) : this.look(id, directory);
      looked.catch((error: unknown) => this.lookFailed(error, id));
    }
  }

  private async rescan(store: SessionStore): Promise<void> {
    const ids = await store.sessions();
    await Promise.all(ids.map((id) => this.track(store, id)));
    const here = new Set(ids);
    for (const session of [...this.tracked.all()]) {
      if (session.store === store && !here.has(session.view.id)) await this.lookAt(session);
    }
  }

  private async track(store: SessionStore, id: SessionId): Promise<void> {
    const known = this.tracked.get(id);
    if (known) return this.lookAt(known);
    const session: TrackedSession = new TrackedSession(store, id, {
      channels: this.parts.channels,
      name: () => this.tracked.nameOf(id),
      log: this.parts.log,
      timings: this.parts.timings,
      signal: this.end.signal,
      onNews: (news) => this.takeIn(session, news),
      onContext: (question) => this.tracked.changes.question(question),
      advanced: () => {
        if (judgeSession(session.view.state, this.parts.observer())) this.tryArchive(session);
      },
    });
    this.tracked.add(session);
    await this.lookAt(session);
  }

  private async lookAt(session: TrackedSession): Promise<void> {
    try {
      const news = await session.view.refresh();
      if (news.gone) this.tracked.remove(session.view.id, { archived: false });
      else if (!session.view.state.metadata) this.tryArchive(session);
    } catch (error) {
      this.lookFailed(error, session.view.id);
    }
  }

  private takeIn(session: TrackedSession, news: News): void {
    this.tracked.remember(session, news);
    const types = new Set(news.records.map(({ type }) => type));
    if (news.restarted || types.has('session_metadata') || types.has('session_updated')) this.tracked.renamed();
    if (session.view.state.ended && types.has('system')) this.tryArchive(session);
  }

  private lookFailed(error: unknown, session_id: SessionId | null): void {
    // The slow look comes again; a place that cannot be read now may be mended by then.
    this.parts.log.warn({ session_id, error: String(error) }, 'could not read a session file');
  }

  private judgeSessions(): void {
    const observer = this.parts.observer();
    for (const session of this.tracked.all()) {
      if (judgeSession(session.view.state, observer)) this.tryArchive(session);
    }
  }

  /** Archives a session if it is over and its cards are settled; called again whenever a card got further. */
  private tryArchive(session: TrackedSession): void {
    const { id } = session.view;
    if (this.archiving.has(id) || this.end.signal.aborted || this.tracked.get(id) !== session) return;
    this.archiving.add(id);
    archiveIfOver(session.store, session.view, {
      observer: this.parts.observer,
      owesCard: (question) => session.owesCard(question),
    })
      .then(async (step) => {
        this.archiving.delete(id);
        if (step === 'archived') this.parts.log.info({ session_id: id }, 'session archived');
        if (step === 'archived' || step === 'gone') this.tracked.remove(id, { archived: step === 'archived' });
        else if (step === 'waiting') await this.settleLast(session);
      })
      .catch((error: unknown) => {
        this.archiving.delete(id);
        this.parts.log.warn(
          { session_id: id, error: String(error) },
          'could not archive a session; trying again later',
        );
      });
  }

  /** A finished session waits for its last cards; a card that got there meanwhile was not heard. */
  private async settleLast(session: TrackedSession): Promise<void> {
    await this.lookAt(session);
    session.keepAll();
    if (!session.owesCards()) this.tryArchive(session);
  }

  /**
   * A question of a session that has just come may be pressed before its file was looked at; one that was seen and is
   * gone without its session being archived is about to come back.
   */
  private async find(id: QuestionId): Promise<TrackedSession | undefined> {
    for (let looks = 1; ; looks += 1) {
      await Promise.all([...this.stores.values()].map((store) => this.rescan(store)));
      const found = this.tracked.asking(id);
      if (found || !this.tracked.mayComeBack(id)) return found;
      if (looks > REWRITING_LOOKS_MAX) this.tracked.giveUp(id);
      await delay(REWRITING_MS);
    }
  }
}

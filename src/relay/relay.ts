import type { QuestionId, SessionId } from '../domain/ids.ts';
import { judgeSession, type Observer } from '../domain/liveness.ts';
import type { Person } from '../domain/records.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import { archiveIfOver } from '../store/archivist.ts';
import type { SessionStore } from '../store/contract.ts';
import type { News } from '../store/session-view.ts';
import type { Admission, Card, Channel, Press, RelayDesk, SessionName, SessionSummary, Verdict } from './channel.ts';
import type { Transcribe } from './keep-files.ts';
import { nameSessions } from './session-names.ts';
import { takePress } from './take-press.ts';
import { TrackedSession } from './tracked-session.ts';

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
const JUDGE_AGAIN_MS = [100, 1_000];
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
  private readonly sessionsById = new Map<SessionId, TrackedSession>();
  private readonly archiving = new Set<SessionId>();
  private readonly end = new AbortController();
  private names: Map<SessionId, SessionName> | null = null;

  constructor(parts: RelayParts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
  }

  /** Lives until `signal` aborts: runs the channels and judges sessions. A channel that fails for good ends alone. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const judging = setInterval(
      () => this.judgeSessions(),
      Math.max(50, this.parts.timings.heartbeat / JUDGEMENTS_PER_HEARTBEAT),
    );
    const running = this.parts.channels.map((channel) =>
      channel.run(this, this.end.signal).catch((error: unknown) => {
        this.parts.log.error({ channel: channel.name, error: String(error) }, 'channel stopped for good');
      }),
    );
    await ended;
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
    await this.rescan(store);
    this.judgeSessions();
  }

  /** Looks at a session's file now; a session not known yet is taken in. */
  async look(id: SessionId, directory?: string): Promise<void> {
    const known = this.sessionsById.get(id);
    if (known) return this.lookAt(known);
    const store = directory === undefined ? undefined : this.stores.get(directory);
    if (store) return this.track(store, id);
    await Promise.all([...this.stores.values()].map((each) => this.rescan(each)));
  }

  /** A session has come or gone: judges now, and again in a moment, since a process takes its time to die. */
  sessionsChanged(): void {
    this.judgeSessions();
    for (const ms of JUDGE_AGAIN_MS) setTimeout(() => this.judgeSessions(), ms).unref();
  }

  /** A channel has a new chat or works again: every open question gets its card there. */
  channelsChanged(): void {
    for (const session of this.sessionsById.values()) session.keepAll({ atOnce: true });
  }

  /** How many sessions live, as far as can be judged. */
  liveSessions(): number {
    const observer = this.parts.observer();
    let live = 0;
    for (const { view } of this.sessionsById.values()) if (!judgeSession(view.state, observer)) live += 1;
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
    const session = this.sessionOf(press.question_id) ?? (await this.find(press.question_id));
    if (!session) return { verdict: 'unknown_question' };
    const { log, transcribe } = this.parts;
    const [directory = ''] = [...this.stores].find(([, store]) => store === session.store) ?? [];
    const now = new Date(this.now()).toISOString();
    const verdict = await takePress(press, session, { directory, transcribe, log, now });
    // The waiting tool hears of it first, then the person, then the cards.
    if (verdict.verdict === 'recorded' || verdict.verdict === 'recorded_late') this.parts.tellSession(session.view.id);
    return verdict;
  }

  inbox(): readonly Card[] {
    const cards: Card[] = [];
    for (const session of this.sessionsById.values()) {
      const { questions, open } = session.view.state;
      for (const id of open) {
        const question = questions.get(id);
        if (question) cards.push(session.cardOf(question));
      }
    }
    return cards.sort((a, b) => Date.parse(a.asked_at) - Date.parse(b.asked_at));
  }

  card(id: QuestionId): Card | null {
    const session = this.sessionOf(id);
    const question = session?.view.state.questions.get(id);
    return session && question ? session.cardOf(question) : null;
  }

  refs(id: QuestionId, channel: string): ReadonlyMap<string, string> {
    const shown = [...(this.sessionOf(id)?.view.state.questions.get(id)?.shown.values() ?? [])];
    return new Map(shown.filter((each) => each.channel === channel).map(({ chat, ref }) => [chat, ref]));
  }

  sessions(): readonly SessionSummary[] {
    const observer = this.parts.observer();
    const summaries: SessionSummary[] = [];
    for (const { view } of this.sessionsById.values()) {
      const { state } = view;
      if (!state.metadata || judgeSession(state, observer)) continue;
      summaries.push({ name: this.nameOf(view.id), started_at: state.metadata.start_time, pending: state.open.size });
    }
    return summaries.sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
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
    for (const [id, session] of this.sessionsById) {
      if (session.store === store && !here.has(id)) await this.lookAt(session);
    }
  }

  private async track(store: SessionStore, id: SessionId): Promise<void> {
    const known = this.sessionsById.get(id);
    if (known) return this.lookAt(known);
    const session: TrackedSession = new TrackedSession(store, id, {
      channels: this.parts.channels,
      name: () => this.nameOf(id),
      log: this.parts.log,
      timings: this.parts.timings,
      signal: this.end.signal,
      onNews: (news) => this.takeIn(session, news),
      advanced: () => {
        if (judgeSession(session.view.state, this.parts.observer())) this.tryArchive(session);
      },
    });
    this.sessionsById.set(id, session);
    await this.lookAt(session);
  }

  private async lookAt(session: TrackedSession): Promise<void> {
    try {
      const news = await session.view.refresh();
      if (news.gone) this.forget(session);
      else if (!session.view.state.metadata) this.tryArchive(session);
    } catch (error) {
      this.lookFailed(error, session.view.id);
    }
  }

  private takeIn(session: TrackedSession, news: News): void {
    const types = new Set(news.records.map(({ type }) => type));
    if (news.restarted || types.has('session_metadata') || types.has('session_updated')) this.names = null;
    if (session.view.state.ended && types.has('system')) this.tryArchive(session);
  }

  private lookFailed(error: unknown, session_id: SessionId | null): void {
    // The slow look comes again; a place that cannot be read now may be mended by then.
    this.parts.log.warn({ session_id, error: String(error) }, 'could not read a session file');
  }

  private forget(session: TrackedSession): void {
    this.sessionsById.delete(session.view.id);
    this.names = null;
  }

  private judgeSessions(): void {
    const observer = this.parts.observer();
    for (const session of this.sessionsById.values()) {
      if (judgeSession(session.view.state, observer)) this.tryArchive(session);
    }
  }

  /** Archives a session if it is over and its cards are settled; called again whenever a card got further. */
  private tryArchive(session: TrackedSession): void {
    const { id } = session.view;
    if (this.archiving.has(id) || this.end.signal.aborted || this.sessionsById.get(id) !== session) return;
    this.archiving.add(id);
    archiveIfOver(session.store, session.view, {
      observer: this.parts.observer,
      owesCard: (question) => session.owesCard(question),
    })
      .then(async (step) => {
        this.archiving.delete(id);
        if (step === 'archived') this.parts.log.info({ session_id: id }, 'session archived');
        if (step === 'archived' || step === 'gone') this.forget(session);
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

  /** The session that asked. An archived one is not here; where two have the question, the one that waits for it. */
  private sessionOf(id: QuestionId): TrackedSession | undefined {
    let found: TrackedSession | undefined;
    for (const session of this.sessionsById.values()) {
      const question = session.view.state.questions.get(id);
      if (question?.status === 'pending') return session;
      if (question) found ??= session;
    }
    return found;
  }

  /** A question of a session that has just come may be pressed before its file was looked at. */
  private async find(id: QuestionId): Promise<TrackedSession | undefined> {
    await Promise.all([...this.stores.values()].map((store) => this.rescan(store)));
    return this.sessionOf(id);
  }

  private nameOf(id: SessionId): SessionName {
    this.names ??= nameSessions([...this.sessionsById].map(([each, session]) => [each, session.view.state] as const));
    return this.names.get(id) ?? { id, title: id, project: '' };
  }
}

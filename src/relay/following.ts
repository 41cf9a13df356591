import type { QuestionId, SessionId } from '../domain/ids.ts';
import type { Logger } from '../runtime/log.ts';
import type { SessionStore } from '../store/contract.ts';
import { REWRITING_LOOKS_MAX, rewritten } from './rewriting.ts';
import type { TrackedSession } from './tracked-session.ts';
import type { TrackedSessions } from './tracked-sessions.ts';

/** What sessions are followed with. */
export interface FollowingParts {
  readonly tracked: TrackedSessions;
  readonly make: (store: SessionStore, id: SessionId) => TrackedSession;
  readonly tryArchive: (session: TrackedSession) => void;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Finds the live sessions of sessions directories, and reads on in their logs as they grow. */
export class Following {
  private readonly parts: FollowingParts;
  private readonly stores = new Map<string, SessionStore>();
  /** Stores that are being read for the first time. */
  private readonly reading = new Set<Promise<void>>();

  constructor(parts: FollowingParts) {
    this.parts = parts;
  }

  /**
   * Takes in the sessions of a directory, now and as they come. Resolves when those that are there have
   * been read; false: it is followed already.
   */
  async add(directory: string, store: SessionStore): Promise<boolean> {
    if (this.stores.has(directory)) return false;
    this.stores.set(directory, store);
    this.follow(store).catch((error: unknown) => {
      this.parts.log.error({ directory, error: String(error) }, 'stopped following a sessions directory');
    });
    const reading: Promise<void> = this.rescan(store).finally(() => this.reading.delete(reading));
    this.reading.add(reading);
    await reading;
    return true;
  }

  /** Resolves once all that was there has been read. */
  async ready(): Promise<void> {
    // A place that cannot be read has been told of by who added it, and holds up no other.
    await Promise.allSettled(this.reading);
  }

  /** Looks at a session's file now; a session not known yet is taken in. */
  async look(id: SessionId, directory?: string): Promise<void> {
    const store = directory === undefined ? undefined : this.stores.get(directory);
    const known = this.parts.tracked.get(id);
    if (known && store && known.store !== store && (await store.read(id, null, 1))) {
      // Who speaks for a session knows where its file lies. One of that name elsewhere is a copy: of a whole project, or
      // one that somebody has put there so that answers go into it.
      this.parts.log.warn({ session_id: id, directory }, 'a copy of this session lies elsewhere and is not followed');
      if (this.parts.tracked.get(id) === known) this.parts.tracked.remove(id, { archived: false });
      return this.track(store, id);
    }
    if (known) return this.lookAt(known);
    if (store) return this.track(store, id);
    await Promise.all([...this.stores.values()].map((each) => this.rescan(each)));
  }

  /** Reads what is new in a session's log. */
  async lookAt(session: TrackedSession): Promise<void> {
    try {
      const news = await session.view.refresh();
      if (news.gone) this.parts.tracked.remove(session.view.id, { archived: false });
      else if (!session.view.state.metadata) this.parts.tryArchive(session);
    } catch (error) {
      this.lookFailed(error, session.view.id);
    }
  }

  /** The sessions directory of a session. */
  directoryOf(session: TrackedSession): string {
    const [directory = ''] = [...this.stores].find(([, store]) => store === session.store) ?? [];
    return directory;
  }

  /**
   * A question of a session that has just come may be pressed before its file was looked at; one that was seen and is
   * gone without its session being archived is about to come back.
   */
  async find(id: QuestionId): Promise<TrackedSession | undefined> {
    for (let looks = 1; ; looks += 1) {
      await Promise.all([...this.stores.values()].map((store) => this.rescan(store)));
      const found = this.parts.tracked.asking(id);
      if (found || !this.parts.tracked.mayComeBack(id)) return found;
      if (looks > REWRITING_LOOKS_MAX) this.parts.tracked.giveUp(id);
      await rewritten();
    }
  }

  private async follow(store: SessionStore): Promise<void> {
    for await (const id of store.hints(null, this.parts.signal)) {
      const looked = id === null ? this.rescan(store) : this.track(store, id);
      looked.catch((error: unknown) => this.lookFailed(error, id));
    }
  }

  private async rescan(store: SessionStore): Promise<void> {
    const ids = await store.sessions();
    await Promise.all(ids.map((id) => this.track(store, id)));
    const here = new Set(ids);
    for (const session of [...this.parts.tracked.all()]) {
      if (session.store === store && !here.has(session.view.id)) await this.lookAt(session);
    }
  }

  private async track(store: SessionStore, id: SessionId): Promise<void> {
    const known = this.parts.tracked.get(id);
    if (known) return this.lookAt(known);
    const session = this.parts.make(store, id);
    this.parts.tracked.add(session);
    await this.lookAt(session);
  }

  private lookFailed(error: unknown, session_id: SessionId | null): void {
    // The slow look comes again; a place that cannot be read now may be mended by then.
    this.parts.log.warn({ session_id, error: String(error) }, 'could not read a session file');
  }
}

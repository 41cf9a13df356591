import type { SessionId } from '../domain/ids.ts';
import type { Observer } from '../domain/liveness.ts';
import type { Logger } from '../runtime/log.ts';
import { archiveIfOver } from '../store/archivist.ts';
import type { TrackedSession } from './tracked-session.ts';
import type { TrackedSessions } from './tracked-sessions.ts';

/** What finished sessions are archived with. */
export interface ArchivingParts {
  readonly tracked: TrackedSessions;
  readonly observer: () => Observer;
  /** Reads what is new in a session's log. */
  readonly lookAt: (session: TrackedSession) => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Archives sessions that are over, each as soon as its last card is settled. */
export class Archiving {
  private readonly parts: ArchivingParts;
  private readonly underway = new Set<SessionId>();

  constructor(parts: ArchivingParts) {
    this.parts = parts;
  }

  /** Archives a session if it is over and its cards are settled; called again whenever a card got further. */
  tryArchive(session: TrackedSession): void {
    const { tracked, observer, log, signal } = this.parts;
    const { id } = session.view;
    if (this.underway.has(id) || signal.aborted || tracked.get(id) !== session) return;
    this.underway.add(id);
    archiveIfOver(session.store, session.view, { observer, owesCard: (question) => session.owesCard(question) })
      .then(async (step) => {
        this.underway.delete(id);
        if (step === 'archived') log.info({ session_id: id }, 'session archived');
        // The owner of a corrupt log goes on in another one, and asks again there.
        const over = step === 'archived' && session.view.state.metadata !== undefined;
        if (step === 'archived' || step === 'gone') tracked.remove(id, { archived: over });
        else if (step === 'waiting') await this.settleLast(session);
      })
      .catch((error: unknown) => {
        this.underway.delete(id);
        log.warn({ session_id: id, error: String(error) }, 'could not archive a session; trying again later');
      });
  }

  /** A finished session waits for its last cards; a card that got there meanwhile was not heard. */
  private async settleLast(session: TrackedSession): Promise<void> {
    await this.parts.lookAt(session);
    session.keepAll();
    if (!session.owesCards()) this.tryArchive(session);
  }
}

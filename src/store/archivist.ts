import { setImmediate as breathe } from 'node:timers/promises';
import { closedDraft } from '../domain/drafts.ts';
import { eventIdFrom, type SessionId } from '../domain/ids.ts';
import { judgeSession, type Observer } from '../domain/liveness.ts';
import type { QuestionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { SessionStore } from './contract.ts';
import { SessionView } from './session-view.ts';

/** Who archives, and what it knows. */
export interface Archivist {
  readonly observer: () => Observer;
  /** True while a channel still has to show or settle a card of the question: its session waits for that. */
  readonly owesCard: (question: QuestionState) => boolean;
}

/** What became of it: `waiting` for cards, `gone` when somebody else archived it. */
export type ArchiveStep = 'alive' | 'waiting' | 'archived' | 'gone';

/**
 * Archives a session that is over: closes its open questions, lets their cards be settled, then moves its file.
 * Call it again while it says `waiting`.
 *
 * @throws StoreError when the disk refuses; nothing is lost, call again.
 */
export async function archiveIfOver(
  store: SessionStore,
  view: SessionView,
  archivist: Archivist,
): Promise<ArchiveStep> {
  const news = await view.refresh();
  if (news.gone) return 'gone';
  if (!view.state.metadata) {
    const result = await store.archiveCorrupt(view.id);
    return result === 'kept' ? 'alive' : result;
  }
  const verdict = judgeSession(view.state, archivist.observer());
  if (!verdict) return 'alive';
  for (const question of [...view.state.open]) {
    await store.append(view.id, closedDraft(question, 'session_ended'));
  }
  await view.refresh();
  for (const question of view.state.questions.values()) {
    if (archivist.owesCard(question)) return 'waiting';
  }
  await store.append(view.id, {
    // One record however often the move is tried.
    id: eventIdFrom('archived', view.id),
    body: { type: 'system', event: 'archived', reason: verdict.reason },
  });
  const result = await store.archive(view.id, async () => {
    await view.refresh();
    return view.state.open.size === 0 && judgeSession(view.state, archivist.observer()) !== null;
  });
  return result === 'kept' ? 'alive' : result;
}

/**
 * Archives the other sessions of a store that are over. Those with cards that still have to be shown or settled are left
 * to the hub, which alone can do that.
 *
 * @throws StoreError when the directory cannot be read.
 */
export async function archiveNeighbours(
  store: SessionStore,
  own: SessionId,
  tools: { observer: () => Observer; log: Logger },
): Promise<void> {
  const archivist = { observer: tools.observer, owesCard: leavesCardBehind };
  for (const session_id of await store.sessions()) {
    if (session_id === own) continue;
    // Nobody waits for this, and somebody may wait for what else this process does.
    await breathe();
    try {
      await archiveIfOver(store, new SessionView(store, session_id), archivist);
    } catch (error) {
      tools.log.warn({ session_id, error: String(error) }, 'could not archive a finished session; the hub will');
    }
  }
}

/** Does the log tell of a card that has not been settled, or of a notice that nobody was shown? */
function leavesCardBehind({ record, shown, settled }: QuestionState): boolean {
  if (record.kind === 'notice') return shown.size === 0;
  return [...shown.keys()].some((card) => !settled.has(card));
}

import type { QuestionState } from '../../domain/session-state.ts';
import { type CardContent, newCard } from '../new-question.ts';
import type { ToolCall } from '../tool-call.ts';
import { describeWaiting, reportWaiting } from '../waiting-progress.ts';
import type { HookRoom } from './hook-room.ts';
import { PERSON_SECONDS } from './hook-settings.ts';

// The card expires before Claude Code ends the hook, so that it says so.
const LAST_SECONDS = 30;

/**
 * Shows a card and waits until somebody has answered it, or it has expired. `local` aborts when the terminal was first,
 * its reason is what was chosen there; then the card is settled as answered there, and null comes back.
 * `atOnce`: somebody answers from afar already, so nobody at the desk is waited for.
 *
 * @throws StoreError, RecordTooLargeError: nobody was asked.
 */
export async function askPerson(
  room: HookRoom,
  content: CardContent,
  call: ToolCall,
  local: AbortSignal,
  atOnce = false,
): Promise<QuestionState | null> {
  const { session, questions, hub, host, timings } = room;
  const { deskSeconds } = host.settings;
  const waitsAtDesk = !atOnce && deskSeconds > 0 && !host.headless && !(await host.isAway(session.id));
  const hold = waitsAtDesk ? { hold_until: new Date(Date.now() + deskSeconds * 1_000).toISOString() } : {};
  const timeoutMs = ((PERSON_SECONDS - LAST_SECONDS) / 60) * timings.minute;
  const card = newCard({ ...content, ...hold }, timeoutMs);
  await questions.show(card, timeoutMs);
  const stopReporting = reportWaiting(call, timings.progress, () =>
    describeWaiting(session.state.questions.get(card.id), hub, Date.now()),
  );
  try {
    const waiting = {
      signal: local,
      progress: call.progress,
      whenSent: (sent: () => void, lost: () => void) => call.whenSent(sent, lost),
    };
    return await questions.untilEnded(card.id, waiting);
  } catch (error) {
    if (!local.aborted) throw error;
    // The end of the whole session is told by session_end, not by settling each card.
    const { reason } = local;
    if (!session.ended) await questions.settleInTerminal(card.id, typeof reason === 'string' ? reason : undefined);
    return null;
  } finally {
    stopReporting();
  }
}

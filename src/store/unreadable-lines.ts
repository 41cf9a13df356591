import { errorDraft } from '../domain/drafts.ts';
import type { Logger } from '../runtime/log.ts';
import type { SessionStore, UnreadableLine } from './contract.ts';
import type { SessionView } from './session-view.ts';

// Of one log. A file full of garbage must not be answered with as many error records.
const REPORTS_MAX = 20;
// Above this share of unreadable lines something is writing into the file that should not.
const SHARE_LOUD = 0.1;

/**
 * Writes each unreadable line that a view has just met down, once whoever meets it, and says loudly when they are more
 * than a tenth of the log.
 *
 * @throws StoreError when the store does not take it.
 */
export async function reportUnreadable(
  store: SessionStore,
  view: SessionView,
  lines: readonly UnreadableLine[],
  log: Logger,
): Promise<void> {
  if (lines.length === 0) return;
  const unreadable = view.unreadableLines;
  const all = unreadable + view.state.records;
  const facts = { session_id: view.id, lines: lines.length, position: lines[0]?.position, unreadable, all };
  if (unreadable > SHARE_LOUD * all) log.error(facts, 'over 10 % of the session file cannot be read');
  else log.warn(facts, 'lines of the session file could not be read');
  const reportable = Math.max(0, REPORTS_MAX - (unreadable - lines.length));
  for (const { position, bytes } of lines.slice(0, reportable)) {
    const message = `A line of ${bytes} bytes at position ${position} of the session file could not be read; it was passed over.`;
    await store.append(view.id, errorDraft({ code: 'UNREADABLE_LINE', message }, view.id, position));
  }
}

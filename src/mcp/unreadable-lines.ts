import { errorDraft } from '../domain/drafts.ts';
import type { Logger } from '../runtime/log.ts';
import type { SessionStore, UnreadableLine } from '../store/contract.ts';
import type { SessionView } from '../store/session-view.ts';

// A file full of garbage must not be answered with as many error records.
const REPORTS_MAX = 20;
const SHARE_LOUD = 0.1;

/** Writes each unreadable line down once, and says loudly when they are more than a tenth of the log. */
export async function reportUnreadable(
  store: SessionStore,
  view: SessionView,
  lines: readonly UnreadableLine[],
  log: Logger,
): Promise<void> {
  if (lines.length === 0) return;
  for (const { position, bytes } of lines.slice(0, REPORTS_MAX)) {
    const message = `A line of ${bytes} bytes at position ${position} of the session file could not be read; it was passed over.`;
    await store.append(view.id, errorDraft({ code: 'UNREADABLE_LINE', message }, view.id, position));
  }
  const facts = { session_id: view.id, lines: lines.length, position: lines[0]?.position };
  const all = view.unreadableLines + view.state.records;
  if (view.unreadableLines > SHARE_LOUD * all) {
    log.error({ ...facts, unreadable: view.unreadableLines, all }, 'over 10 % of the session file cannot be read');
  } else {
    log.warn(facts, 'lines of the session file could not be read');
  }
}

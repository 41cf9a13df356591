import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SessionId } from '../../src/domain/ids.ts';
import { processIdentity } from '../../src/runtime/processes.ts';
import { registerProject } from '../../src/runtime/projects.ts';
import { metadataDraft, newSession } from './records.ts';

// Logs that are too long to come about record by record within a test.

const AT = '2026-11-20T10:00:00.000Z';
const WRITER = 'mcp:1';

/** A record with an id of its own, as a line of a log. */
export function logLine(body: object): string {
  const first = { v: 1, event_id: randomUUID(), slot: undefined, timestamp: AT, writer: WRITER };
  return `${JSON.stringify({ ...first, ...body })}\n`;
}

/** The first line of a session's log; `facts` replace what it says of its process and project. */
export function metadataLine(session: SessionId, facts: object): string {
  return logLine({ ...metadataDraft(session).body, ...facts });
}

/** A question that takes a text, or what `more` says. */
export function questionLine(question: string, more: object = {}): string {
  const kind = { type: 'question', kind: 'question', multi_select: false, allow_text: true, status: 'pending' };
  return logLine({ ...kind, id: randomUUID(), question, created_at: AT, ...more });
}

/** A question from its asking to the delivery of its answer. */
export function answeredLines(question: string): string[] {
  const id = randomUUID();
  const answered_by = { channel: 'telegram', id: '7', name: 'Ada' };
  const outcome = { slot: `outcome:${id}`, type: 'answer', question_id: id, answer: 'yes', answered_at: AT };
  return [
    questionLine(question, { id }),
    logLine({ type: 'question_shown', question_id: id, channel: 'telegram', chat: '7', ref: `7:${id}` }),
    logLine({ ...outcome, answered_by }),
    logLine({ type: 'answer_delivered', question_id: id }),
  ];
}

/** Writes the log of a session that lives as long as this process, and lets hubs of `home` find it. */
export function writeLiveSession(
  place: { home: string; sessionsDirectory: string },
  lines: readonly string[],
): SessionId {
  const session = newSession();
  writeLog(join(place.sessionsDirectory, `${session}.jsonl`), [metadataLine(session, processIdentity()), ...lines]);
  registerProject(place.home, place.sessionsDirectory);
  return session;
}

/** Writes a log with all that is on the way to it. */
export function writeLog(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, lines.join(''), { mode: 0o600 });
}

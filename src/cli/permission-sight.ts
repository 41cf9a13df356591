import { createHash } from 'node:crypto';
import { PERMISSION_LABELS } from '../domain/permission.ts';
import type { QuestionRecord } from '../domain/records.ts';
import { preview } from '../domain/text.ts';
import type { AskedQuestion } from './live-sessions.ts';
import { printableLine } from './terminal.ts';

// `status` lists many: a permission gets as much of it as shows what an ordinary one is about.
const LINES_MAX = 12;
const LINE_CHARS_MAX = 300;
const TOOL_CHARS_MAX = 120;
const DANGERS_MAX = 20;
const DANGER_CHARS_MAX = 200;
const UNREADABLE = '(What it is about cannot be read.)';

/** What a permission is about, whole, as its card shows it; null when it cannot be read. */
export async function contextOf({ session, question: { record } }: AskedQuestion): Promise<string | null> {
  if (record.context !== undefined || !record.context_file) return record.context ?? '';
  return session.store.readAttachment(session.view.id, record.context_file).catch(() => null);
}

/**
 * A permission with all that it allows in sight, and why it is dangerous, as lines to print. What a session has written
 * stands behind a bar, so that none of its lines can pass for one of ours.
 */
export function wholeLines({ session, question: { record } }: AskedQuestion, context: string | null): string[] {
  const { dangers = [], grant } = record.permission ?? {};
  return [
    printableLine(`${session.title}: ${record.question}`),
    ...(context === '' ? [] : (context ?? UNREADABLE).split('\n')).map((line) => `│ ${printableLine(line)}`),
    ...(dangers.length === 0 ? [] : ['This is dangerous:', ...dangers.map((danger) => `  - ${printableLine(danger)}`)]),
    ...(grant === undefined ? [] : [printableLine(`${PERMISSION_LABELS.session} allows: ${grant}`)]),
  ];
}

/** The same within bounds, one text a line: the tool, what runs, the dangers. `whole`: the command that shows the rest. */
export function sightLines(record: QuestionRecord, context: string | null, whole: string): string[] {
  if (record.kind !== 'permission') return [];
  const { tool = '', dangers = [], grant } = record.permission ?? {};
  const lines = (context ?? UNREADABLE).split('\n').filter((line) => line.trim() !== '');
  const left = lines.length - LINES_MAX;
  return [
    `${preview(tool, TOOL_CHARS_MAX)}:`,
    ...lines.slice(0, LINES_MAX).map((line) => `  ${cut(line)}`),
    ...(left > 0 ? [`  … and ${left === 1 ? '1 line' : `${left} lines`} more: ${whole}`] : []),
    ...dangers.slice(0, DANGERS_MAX).map((danger) => `danger: ${preview(danger, DANGER_CHARS_MAX)}`),
    ...(dangers.length > DANGERS_MAX ? [`… and ${dangers.length - DANGERS_MAX} dangers more: ${whole}`] : []),
    ...(grant === undefined ? [] : [`${PERMISSION_LABELS.session} allows: ${preview(grant, LINE_CHARS_MAX)}`]),
  ].map(printableLine);
}

/** Keeps the spaces of a line, which may matter in a command; says how much is missing. */
function cut(line: string): string {
  const characters = [...line];
  const left = characters.length - LINE_CHARS_MAX;
  return left <= 0 ? line : `${characters.slice(0, LINE_CHARS_MAX).join('')}… (${left} characters more)`;
}

/**
 * What stands below a dangerous permission that was shown whole, and nowhere else: whoever knows it has had all of it
 * in sight. Another request is another question, with another code.
 */
export function sightCode({ id, permission }: QuestionRecord): string {
  return createHash('sha256').update(`in sight ${id} ${permission?.input_hash}`).digest('hex').slice(0, 6);
}

/** What such a code looks like. */
export const SIGHT_CODE = /^[0-9a-f]{6}$/;

import { setImmediate as breathe } from 'node:timers/promises';
import { type QuestionId, type SessionId, shortId } from '../domain/ids.ts';
import { permissionDecision } from '../domain/permission.ts';
import { whereWord } from '../domain/person-words.ts';
import type { Person } from '../domain/records.ts';
import { emptySessionState, fold, type QuestionState, type SessionState } from '../domain/session-state.ts';
import { preview } from '../domain/text.ts';
import { sessionTitle } from '../relay/session-names.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { registeredDirectories } from '../runtime/projects.ts';
import type { Cursor } from '../store/contract.ts';
import { type FoundLog, findLogs } from '../store/jsonl/find-logs.ts';
import { readLog } from '../store/jsonl/read-log.ts';
import { parseAge } from './archive-command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { findSessionLogs } from './find-session.ts';
import { print, printable, printError, printJson } from './terminal.ts';

const RECORDS_PER_READ = 2_000;
const DAY_MS = 86_400_000;
const COMMAND_CHARS = 120;
const LINES_MAX = 12;
const WORDS_CHARS = 200;

/** What a person wants of `audit`. */
export interface AuditFlags {
  readonly json: boolean;
  /** An age such as `30d`. */
  readonly since?: string;
  /** A session: its id or the beginning of it; a live one also by its title or project. */
  readonly session?: string;
}

/** One permission, and what became of it: the shape that `audit --json` prints. */
interface AuditEntry {
  readonly question_id: QuestionId;
  readonly session_id: SessionId;
  readonly session: string;
  readonly project_dir: string;
  readonly asked_at: string;
  /** When it was decided; absent: it waits. */
  readonly decided_at?: string;
  readonly tool: string;
  readonly input_hash: string;
  readonly cwd: string;
  readonly question: string;
  /** The command, the change or the input as the card showed it. */
  readonly shown?: string;
  readonly decision: string;
  readonly why?: string;
  readonly grant?: string;
  readonly by?: Person;
  readonly confirmed?: 'twice' | 'pin';
  readonly dangers: readonly string[];
}

/** Prints every permission of the sessions of all registered projects, live and archived, and how it was decided. */
export async function printAudit(config: Config, log: Logger, flags: AuditFlags): Promise<ExitCode> {
  const days = flags.since === undefined ? null : parseAge(flags.since);
  if (flags.since !== undefined && days === null) {
    printError('switchboard: --since takes a number of days, weeks or years: 30d, 12w, 1y.');
    return EXIT.usage;
  }
  const logs = await (flags.session === undefined
    ? findLogs(registeredDirectories(config.home), '')
    : findSessionLogs(config, log, flags.session));
  if (logs === null) return EXIT.failed;
  const since = days === null ? 0 : Date.now() - days * DAY_MS;
  const entries = await readEntries(logs, since);
  if (flags.json) printJson(entries);
  else if (entries.length === 0) print('No permission was asked for.');
  else print(...entries.flatMap(linesOf));
  return EXIT.ok;
}

/** In the order of the times that are printed. A session that was damaged has several logs; what one of them says of a decision counts. */
async function readEntries(logs: readonly FoundLog[], since: number): Promise<AuditEntry[]> {
  const entries = new Map<QuestionId, AuditEntry>();
  const firstDay = new Date(since).toISOString().slice(0, 10);
  for (const { session, path, day } of logs) {
    // A session is archived after all that happened in it.
    if (day !== null && day < firstDay) continue;
    const state = readState(path);
    for (const question of state.questions.values()) {
      if (question.record.kind !== 'permission') continue;
      const entry = entryOf(session, state, question);
      if (Date.parse(timeOf(entry)) < since) continue;
      const known = entries.get(entry.question_id);
      if (known?.decided_at === undefined) entries.set(entry.question_id, entry);
    }
    await breathe();
  }
  return [...entries.values()].sort((a, b) => Date.parse(timeOf(a)) - Date.parse(timeOf(b)));
}

function readState(path: string): SessionState {
  const state = emptySessionState();
  let cursor: Cursor | null = null;
  for (let more = true; more; ) {
    const read = readLog(path, cursor, RECORDS_PER_READ);
    if (!read) break;
    for (const record of read.records) fold(state, record);
    ({ cursor, more } = read);
  }
  return state;
}

function entryOf(session_id: SessionId, state: SessionState, question: QuestionState): AuditEntry {
  const { record } = question;
  const { permission } = record;
  const project_dir = state.metadata?.project_dir ?? '';
  const shown = record.context ?? (record.context_file && `(in ${record.context_file})`);
  return {
    question_id: record.id,
    session_id,
    session: sessionTitle(state.label, project_dir, state.gitBranch),
    project_dir,
    asked_at: record.created_at,
    tool: permission?.tool ?? '',
    input_hash: permission?.input_hash ?? '',
    cwd: permission?.cwd ?? '',
    question: record.question,
    ...(shown ? { shown } : {}),
    ...outcomeOf(question),
    dangers: permission?.dangers ?? [],
  };
}

function outcomeOf({ record, answer, closed }: QuestionState): Pick<AuditEntry, 'decision'> & Partial<AuditEntry> {
  if (closed) return { decision: closedWords(closed), decided_at: closed.timestamp };
  if (!answer) return { decision: 'waits' };
  const { answered_at: decided_at, answered_by: by, confirmed } = answer;
  const who = { decided_at, by, ...(confirmed ? { confirmed } : {}) };
  const decided = permissionDecision(answer);
  if (decided.behavior === 'deny') {
    return { decision: 'denied', ...(decided.why === undefined ? {} : { why: decided.why }), ...who };
  }
  if (decided.scope === 'once') return { decision: 'allowed once', ...who };
  const { grant } = record.permission ?? {};
  return { decision: 'allowed for the session', ...(grant === undefined ? {} : { grant }), ...who };
}

function closedWords({ reason, where, answer }: NonNullable<QuestionState['closed']>): string {
  const what = answer === undefined ? '' : `: ${answer}`;
  if (reason === 'answered_elsewhere')
    return `answered in ${where === 'terminal' ? 'the terminal' : 'another place'}${what}`;
  return `not decided: ${reason === 'session_ended' ? 'the session ended' : reason}`;
}

function linesOf(entry: AuditEntry): string[] {
  const { session, session_id, tool, decision, why, grant, by, confirmed, dangers } = entry;
  const how = [by && whereWord(by), confirmed && confirmedWords(confirmed)].filter(Boolean).join(', ');
  const who = by ? ` by ${preview(by.name, 60)} (${how})` : '';
  const facts = [
    `${new Date(timeOf(entry)).toLocaleString('sv')}  ${shortId(session_id)}  ${preview(session, 60)}`,
    ...shownLines(entry).map((line, index) => (index === 0 ? `  ${tool}: ${line}` : `  | ${line}`)),
    `  ${preview(decision, WORDS_CHARS)}${who}`,
    ...(why === undefined ? [] : [`  why: ${preview(why, WORDS_CHARS)}`]),
    ...(grant === undefined ? [] : [`  allows: ${preview(grant, WORDS_CHARS)}`]),
    ...dangers.map((danger) => `  danger: ${preview(danger, WORDS_CHARS)}`),
  ];
  // Whatever a session has written stays within its line.
  return facts.map((line) => printable(line).replaceAll('\n', ' '));
}

function confirmedWords(confirmed: 'twice' | 'pin'): string {
  return confirmed === 'pin' ? 'confirmed by PIN' : 'confirmed twice';
}

/** When it was decided; what waits: when it was asked. */
function timeOf({ decided_at, asked_at }: AuditEntry): string {
  return decided_at ?? asked_at;
}

/** The command, or the question with what else stands in the first block of code; long ones as far as they fit. */
function shownLines({ shown = '', question }: AuditEntry): string[] {
  const [, block = ''] = /^(?:`{3,})[^\n]*\n([\s\S]*?)\n`{3,}$/m.exec(shown) ?? [];
  const code = block.trim() === '' ? [] : block.split('\n');
  const all = question.startsWith('May I run') && code.length > 0 ? code : [preview(question, COMMAND_CHARS), ...code];
  const cut = all
    .slice(0, LINES_MAX)
    .map((line) => (line.length > COMMAND_CHARS ? `${line.slice(0, COMMAND_CHARS)}…` : line));
  return all.length > LINES_MAX ? [...cut, `… ${all.length - LINES_MAX} more lines`] : cut;
}

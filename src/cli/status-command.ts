import { shortId } from '../domain/ids.ts';
import { isAway, type Presence } from '../domain/presence.ts';
import type { Option, Permission, QuestionRecord } from '../domain/records.ts';
import { preview, spanText } from '../domain/text.ts';
import { waitsForDesk } from '../relay/held-cards.ts';
import type { Config } from '../runtime/config.ts';
import type { Probe } from '../runtime/hub-probe.ts';
import type { Logger } from '../runtime/log.ts';
import { readPresence } from '../runtime/presence.ts';
import { webAddress } from '../runtime/web-place.ts';
import { commandName } from './command-name.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type LiveSession, openQuestionsOf, readLiveSessions } from './live-sessions.ts';
import { contextOf, sightLines } from './permission-sight.ts';
import { findHub, servedInbox } from './running-hub.ts';
import { print, printableLine, printJson } from './terminal.ts';

/** The contexts of permissions, by their record. */
type Contexts = ReadonlyMap<QuestionRecord, string | null>;

const PREVIEW_CHARS = 70;
const OPTION_CHARS = 40;
// Our own sessions offer fewer; a file may name any number.
const OPTIONS_MAX = 48;

/** Shows hub, channels, live sessions and open questions, from the files and the hub where it runs. */
export async function showStatus(
  config: Config,
  log: Logger,
  { json, home }: { json: boolean; home?: string },
): Promise<ExitCode> {
  const presence = readPresence(config.home);
  const [probe, sessions] = await Promise.all([findHub(config.home), readLiveSessions(config, log)]);
  const contexts = await contextsOf(sessions);
  if (json) printJson({ ...statusFacts(probe, sessions, contexts), presence, web: webFacts(probe, config.home) });
  else print(...statusLines(probe, sessions, { presence, contexts, program: commandName(home), now: Date.now() }));
  return EXIT.ok;
}

/** What the open permissions are about; null for one that cannot be read. */
async function contextsOf(sessions: readonly LiveSession[]): Promise<Contexts> {
  const permissions = openQuestionsOf(sessions).filter(({ question }) => question.record.kind === 'permission');
  return new Map(
    await Promise.all(permissions.map(async (asked) => [asked.question.record, await contextOf(asked)] as const)),
  );
}

/** The same as data: the shape that `status --json` prints. */
function statusFacts(probe: Probe, sessions: readonly LiveSession[], contexts: Contexts): object {
  return {
    hub: probe.found === 'hub' ? { pid: probe.hub.pid, version: probe.hub.version, since: probe.hub.since } : null,
    hub_silent: probe.found === 'silent',
    channels: probe.found === 'hub' ? probe.channels : [],
    sessions: sessions.map(({ id, title, project, directory, view: { state } }) => ({
      session_id: id,
      title,
      project,
      pid: state.metadata?.pid,
      started_at: state.metadata?.start_time,
      open: state.open.size,
      sessions_directory: directory,
    })),
    questions: openQuestionsOf(sessions).map(({ session, question: { record } }) => ({
      question_id: record.id,
      session_id: session.id,
      title: session.title,
      kind: record.kind,
      question: record.question,
      ...(record.permission ? permissionFacts(record.permission, contexts.get(record)) : {}),
      ...(record.options ? { options: record.options.map(({ label }) => label) } : {}),
      asked_at: record.created_at,
      ...(record.expires_at ? { expires_at: record.expires_at } : {}),
      ...(record.hold_until ? { hold_until: record.hold_until } : {}),
    })),
  };
}

/** What a permission allows, whole; `context` is null when it cannot be read. */
function permissionFacts({ tool, cwd, dangers = [], grant }: Permission, context: string | null = null): object {
  return { tool, cwd, context, dangers, ...(grant === undefined ? {} : { grant }) };
}

/** Where the web inbox is served; null when it is not. `switchboard web` prints the link that opens it. */
function webFacts(probe: Probe, home: string): object | null {
  const place = probe.found === 'hub' ? servedInbox(probe.channels, home) : null;
  return place && { address: webAddress(place) };
}

function statusLines(
  probe: Probe,
  sessions: readonly LiveSession[],
  { presence, contexts, program, now }: { presence: Presence; contexts: Contexts; program: string; now: number },
): string[] {
  const age = (at: string | undefined): string => spanText(now - Date.parse(at ?? ''));
  // What waits for somebody at the desk is shown there, and nowhere else yet.
  const questions = openQuestionsOf(sessions).filter(
    ({ session, question: { record } }) => isAway(presence, session.id) || !waitsForDesk(record, now),
  );
  const choice = questions.some(({ question: { record } }) => record.options) ? '; a number chooses that option' : '';
  return [
    hubLine(probe, program, age),
    ...(probe.found === 'hub' ? probe.channels : []).map(
      ({ name, ok, detail, since }) =>
        `  ${printableLine(`${name}: ${ok ? 'ok' : 'NOT OK'}, ${calledSo(detail, program)}`)} (since ${clock(since)}, ${age(since)})`,
    ),
    ...(presence.away ? [`You are away from the desk (\`${program} away off\` ends it).`] : []),
    '',
    sessions.length === 0 ? 'No live sessions.' : `Live sessions (${sessions.length})`,
    ...sessions.map(({ id, title, project, view: { state } }) => {
      const place = title.includes(project) ? '' : ` [${project}]`;
      const facts = `${age(state.metadata?.start_time)}, pid ${state.metadata?.pid}, ${state.open.size} open`;
      const desk = isAway(presence, id) === presence.away ? '' : `, you are ${presence.away ? 'at the desk' : 'away'}`;
      return `  ${shortId(id)}  ${printableLine(title + place)}, ${facts}${desk}`;
    }),
    '',
    questions.length === 0 ? 'No open questions.' : `Open questions (${questions.length})`,
    ...questions.flatMap(({ session, question: { record } }) => {
      const asked = printableLine(preview(record.question, PREVIEW_CHARS));
      const options = optionWords(record.options ?? []);
      return [
        `  ${shortId(record.id)}  ${printableLine(session.title)}, ${age(record.created_at)}: ${asked}`,
        ...sightLines(record, contexts.get(record) ?? null, `${program} answer ${shortId(record.id)}`).map(
          (line) => `            ${line}`,
        ),
        ...(options === '' ? [] : [printableLine(`            ${options}`)]),
      ];
    }),
    ...(questions.length === 0 ? [] : ['', `Answer one with: ${program} answer <question-id> <text>${choice}`]),
  ];
}

function optionWords(options: readonly Option[]): string {
  const left = options.length - OPTIONS_MAX;
  const shown = options
    .slice(0, OPTIONS_MAX)
    .map(({ label }, index) => `${index + 1}. ${preview(label, OPTION_CHARS)}`);
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : [])].join('  ');
}

/** The hub does not know how this program is called here. */
function calledSo(detail: string, program: string): string {
  return detail.replaceAll('`switchboard ', `\`${program} `);
}

/** A moment (ISO 8601) by this machine's clock, e.g. `2026-11-20 14:05`. */
function clock(at: string): string {
  return new Date(at).toLocaleString('sv').slice(0, 16);
}

function hubLine(probe: Probe, program: string, age: (at: string) => string): string {
  if (probe.found === 'hub') {
    const { pid, version, since } = probe.hub;
    const channels =
      probe.channels.length === 0
        ? `, without any channel: let WEB_PORT be, or set up a Telegram bot (\`${program} hub\` says how)`
        : '';
    return `Hub: pid ${pid}, version ${printableLine(version)}, running for ${age(since)}${channels}`;
  }
  return probe.found === 'silent'
    ? 'Hub: one listens but does not answer; sessions replace it by themselves'
    : `Hub: none runs (the next session starts one; or: ${program} hub)`;
}

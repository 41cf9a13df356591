import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, homeDirectory, loadConfig } from '../../runtime/config.ts';
import { ConfigError } from '../../runtime/config-file.ts';
import type { Logger } from '../../runtime/log.ts';
import { listenForEndSignals } from '../../runtime/signals.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findHub } from '../running-hub.ts';
import { print, printable, printJson } from '../terminal.ts';
import { textWidth, wrapped } from '../wrapped.ts';
import { checkClaude, checkHooks, checkNode, checkRegistration, checkWaiting } from './claude-checks.ts';
import { checkHome, checkSessionsDirectories } from './directory-checks.ts';
import { bounded, type Finding, worst } from './finding.ts';
import { checkHubLog, checkWeb, judgeHub } from './hub-checks.ts';
import { checkRoundTrip } from './round-trip.ts';
import { checkTelegram } from './telegram-checks.ts';
import { checkWatchLimits } from './watch-limits.ts';

const CHECK_MS_MAX = 10_000;
// A session, a hub and a command are started one after the other, on a machine that may be busy.
const ROUND_TRIP_MS_MAX = 30_000;
const CLAUDE_MS_MAX = 25_000;
const INDENT = 6;

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** Null when they are impossible: what depends on them cannot be judged then. */
  readonly config: Config | null;
  readonly log: Logger;
}

type Checked = Promise<Finding | readonly Finding[]>;

const UNCHECKED = 'not checked: the settings cannot be read';

/** Checks everything, says how it is and what to do about it. Changes nothing. */
export async function examine(flags: { home?: string; json: boolean }, log: Logger): Promise<ExitCode> {
  const env = process.env;
  const home = homeDirectory(env, flags.home);
  const { config, findings: settings } = loadSettings(env, flags);
  const end = new AbortController();
  const stopListening = listenForEndSignals(() => end.abort());
  try {
    const found = await runChecks({ env, home, config, log }, settings, end.signal);
    if (end.signal.aborted) return EXIT.failed;
    const ok = !found.some(({ status }) => status === 'fail');
    if (flags.json) printJson({ ok, checks: found });
    else print(...found.flatMap(linesOf), '', summaryOf(found));
    return ok ? EXIT.ok : EXIT.failed;
  } finally {
    stopListening();
  }
}

/** All findings, in the order in which a person reads them; what does not depend on each other runs at once. */
async function runChecks(place: Place, settings: Finding[], end: AbortSignal): Promise<Finding[]> {
  const { env, home, config, log } = place;
  const check = (id: string, title: string, run: (signal: AbortSignal) => Checked, ms = CHECK_MS_MAX) =>
    bounded({ id, title, ms }, async (signal) => [await run(AbortSignal.any([signal, end]))].flat());
  const probe = findHub(home);
  probe.catch(() => undefined); // Each check that needs it says so.
  const withSettings = (
    id: string,
    title: string,
    run: (known: Config, signal: AbortSignal) => Checked,
    ms?: number,
  ) =>
    config === null
      ? [{ id, title, status: 'warn', detail: UNCHECKED } as const]
      : check(id, title, (signal) => run(config, signal), ms);
  const all = await Promise.all([
    check('node', 'Node', async () => checkNode()),
    check('claude', 'Claude Code', (signal) => checkClaude(signal), CLAUDE_MS_MAX),
    check('registration', 'Registration', async () => checkRegistration(env)),
    check('waiting', 'Waiting', async () => checkWaiting(env)),
    check('permissions', 'Permissions', async () => checkHooks(env)),
    settings,
    check('home', 'Home', () => checkHome(home)),
    check('sessions', 'Sessions', () => checkSessionsDirectories(home)),
    check('watches', 'Watches', () => checkWatchLimits()),
    check('hub', 'Hub', async () => judgeHub(home, await probe, { now: Date.now(), canStart: config !== null })),
    check('hub-log', 'Hub log', async () => checkHubLog(home, Date.now())),
    withSettings('web', 'Web inbox', async (known) => checkWeb(known, await probe)),
    withSettings('telegram', 'Telegram', async (known, signal) => checkTelegram(known, await probe, signal)),
    withSettings('round-trip', 'Round trip', (known, signal) => checkRoundTrip(known, log, signal), ROUND_TRIP_MS_MAX),
  ]);
  return all.flat();
}

/** The settings and what is wrong with them. */
function loadSettings(
  env: NodeJS.ProcessEnv,
  flags: { home?: string },
): { config: Config | null; findings: Finding[] } {
  const found = { id: 'config', title: 'Settings' };
  try {
    const config = loadConfig(env, flags);
    const findings = config.warnings.map((detail): Finding => ({ ...found, status: 'warn', detail }));
    const path = join(config.home, 'config.json');
    const sound: Finding = {
      ...found,
      status: 'ok',
      detail: existsSync(path) ? path : `nothing is set, ${path} is not there`,
    };
    return { config, findings: findings.length > 0 ? findings : [sound] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const finding: Finding = {
      ...found,
      status: 'fail',
      detail: error.message,
      next: 'Fix it; nothing starts until then.',
    };
    return { config: null, findings: [finding] };
  }
}

function linesOf({ status, title, detail, next }: Finding): string[] {
  const width = textWidth();
  const onOneLine = (text: string): string => printable(text).replace(/\s+/g, ' ');
  return [
    ...wrapped(status.padEnd(INDENT), `${title}: ${onOneLine(detail)}`, width),
    ...(next ? wrapped(`${' '.repeat(INDENT)}→ `, onOneLine(next), width) : []),
  ];
}

function summaryOf(found: readonly Finding[]): string {
  const count = (status: Finding['status']): number => found.filter((each) => each.status === status).length;
  const verdict = worst(found.map(({ status }) => status));
  if (verdict === 'ok') return `All ${found.length} checks are ok.`;
  return `${count('fail')} fail, ${count('warn')} warn, ${count('ok')} ok.`;
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Config } from '../../runtime/config.ts';
import type { Logger } from '../../runtime/log.ts';
import { HubInUse } from '../hub-in-use.ts';
import { openQuestionsOf, readLiveSessions } from '../live-sessions.ts';
import { type McpSession, startMcpSession } from '../mcp-session.ts';
import { makeScratchDirectory, removeScratchDirectory } from '../scratch-directory.ts';
import { printable } from '../terminal.ts';
import type { Finding } from './finding.ts';

const LOOK_MS = 20;
const ANSWER = 'Yes';
const run = promisify(execFile);

/**
 * A question from asking to answer through a session and a hub of its own, in a place that goes afterwards: nobody's
 * phone hears of it.
 */
export async function checkRoundTrip(config: Config, log: Logger, signal: AbortSignal): Promise<Finding> {
  const found = { id: 'round-trip', title: 'Round trip' };
  const scratch = makeScratchDirectory('doctor');
  const home = join(scratch, 'home');
  const environment = withoutChannels(process.env);
  const scratchConfig = { ...config, home, telegram: null, web: null };
  const hub = new HubInUse(scratchConfig, log);
  let session: McpSession | null = null;
  try {
    await hub.lookBefore();
    const began = performance.now();
    session = await startMcpSession({ home, project: join(scratch, 'project'), environment });
    const started = performance.now();
    await hub.untilReady(signal);
    const ready = performance.now();
    const asked = session.ask({ question: 'Does it work?', options: [ANSWER, 'No'] }, { signal });
    asked.catch(() => undefined); // Awaited below; it may fail before.
    const id = await openQuestion(scratchConfig, log, signal);
    const written = performance.now();
    const env = { ...environment, SWITCHBOARD_HOME: home };
    await run(process.execPath, [process.argv[1] ?? '', 'answer', id, ANSWER], { env, signal });
    const { status, answer } = await asked;
    const back = performance.now();
    if (status !== 'answered' || answer !== ANSWER) {
      return { ...found, status: 'fail', detail: `asked, and got "${printable(answer ?? status)}" for "${ANSWER}"` };
    }
    const ms = (from: number, to: number): string => `${Math.round(to - from)} ms`;
    const detail =
      `session up in ${ms(began, started)}, hub ${ms(started, ready)} later, question in its file after ` +
      `${ms(ready, written)}, answered and back in ${ms(written, back)}`;
    return { ...found, status: 'ok', detail };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...found, status: 'fail', detail: printable(reason), next: 'Ask Switchboard itself: switchboard hub' };
  } finally {
    // One that waits for a hub in vain starts another.
    await session?.close();
    await hub.meetLate();
    await hub.endIfOurs();
    removeScratchDirectory(scratch);
  }
}

async function openQuestion(
  place: Pick<Config, 'home' | 'timings'>,
  log: Logger,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const [open] = openQuestionsOf(await readLiveSessions(place, log));
    if (open) return open.question.record.id;
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** A hub without channels says nothing to anybody. */
function withoutChannels(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !/^TELEGRAM_/i.test(name));
  return { ...Object.fromEntries(others), WEB_PORT: 'off' };
}

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { isAway } from '../domain/presence.ts';
import { runMcp } from '../mcp/run-mcp.ts';
import { StdioTransport } from '../mcp/stdio-transport.ts';
import type { Config } from '../runtime/config.ts';
import { canonicalPath, isWithin } from '../runtime/home.ts';
import { observer, processIdentity } from '../runtime/processes.ts';
import { listenForEndSignals } from '../runtime/signals.ts';
import { stderrLog } from '../runtime/stderr-log.ts';
import type { SessionStore } from '../store/contract.ts';
import { StoreError } from '../store/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { VERSION } from './version.ts';

// Below the project, so that subagents read it without a permission prompt.
const SESSIONS_DIRECTORY = '.planning/telegram-sessions';

/** Serves one Claude Code over stdio until it is gone. Resolves when the session's end is written; the caller exits. */
export async function serveMcp(config: Config): Promise<ExitCode> {
  const { env } = process;
  const { home, timings } = config;
  const log = stderrLog();
  for (const warning of config.warnings) log.warn({}, warning);
  const projectDirectory = resolve(env.CLAUDE_PROJECT_DIR || process.cwd());
  const sessionsDirectory = resolve(projectDirectory, config.sessionsDirectory ?? SESSIONS_DIRECTORY);
  const end = new AbortController();
  let exitCode: ExitCode = EXIT.ok;
  const crash = (error: unknown): void => {
    exitCode = EXIT.failed;
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a mistake in the program ends it');
    end.abort('crashed');
  };
  process.on('uncaughtException', crash);
  listenForEndSignals((signal) => end.abort(signal));
  let store: SessionStore | null = null;
  const notArchived = (error: unknown): void => {
    log.warn({ error: String(error) }, 'could not look for finished sessions; the hub will');
  };
  await runMcp({
    // Loaded after the client has its list of tools: files, locks and sockets are needed only then.
    openStore: async () => {
      const { JsonlStore } = await import('../store/jsonl/jsonl-store.ts');
      const directory = placeOf(sessionsDirectory, config.sessionsDirectory ? null : projectDirectory);
      store = new JsonlStore({ directory, writer: { role: 'mcp', pid: process.pid }, timings, log });
      return store;
    },
    openLink: async (session, onLook) => {
      const { archiveNeighbours } = await import('../store/archivist.ts');
      const { connectToHub } = await import('./hub-connection.ts');
      const link = connectToHub({ home, version: VERSION, session, sessionsDirectory, onLook, log, timings });
      // Silence proves nothing to a process that has only just started.
      if (store)
        archiveNeighbours(store, session, { observer: () => observer(Date.now(), true), log }).catch(notArchived);
      return link;
    },
    startHub: async () => {
      const { leaveToHub } = await import('./hub-connection.ts');
      leaveToHub({ home, sessionsDirectory, log });
    },
    identity: processIdentity,
    workingDirectory: process.cwd(),
    projectDirectory,
    ...(env.CLAUDE_CODE_SESSION_ID ? { claudeSessionId: env.CLAUDE_CODE_SESSION_ID } : {}),
    host: {
      settings: config.claude,
      headless: env.CLAUDE_CODE_ENTRYPOINT?.startsWith('sdk') ?? false,
      userHome: homedir(),
      switchboardHome: home,
      sessionsDirectory,
      messaging: env.CLAUDE_CODE_MESSAGING_SOCKET
        ? { address: env.CLAUDE_CODE_MESSAGING_SOCKET, token: env.CLAUDE_CODE_MESSAGING_TOKEN ?? '' }
        : null,
      isAway: async (session) => {
        const { readPresence } = await import('../runtime/presence.ts');
        return isAway(readPresence(home), session);
      },
    },
    version: VERSION,
    timings,
    log,
    transport: new StdioTransport(process.stdin, process.stdout),
    signal: end.signal,
  });
  return exitCode;
}

/**
 * Where a sessions directory lies when links are followed. Below a `project` it must stay there: somebody else's
 * repository may come with a link that would lead questions and answers into a directory that others read.
 *
 * @throws StoreError when a link leads out of the project.
 */
function placeOf(sessionsDirectory: string, project: string | null): string {
  const there = [sessionsDirectory, dirname(sessionsDirectory)].find(existsSync);
  if (project && there && !isWithin(canonicalPath(there), canonicalPath(project))) {
    throw new StoreError(
      'NO_DIRECTORY',
      `${there} is a link that leads out of the project, to ${canonicalPath(there)}; nothing was written there. ` +
        'Remove the link, or choose the directory yourself with SWITCHBOARD_SESSIONS_DIR.',
    );
  }
  return canonicalPath(sessionsDirectory);
}

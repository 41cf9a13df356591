import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';
import { parseSessionId, type SessionId } from '../../src/domain/ids.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { PROGRAM } from './build.ts';
import { type CallOptions, HubSide } from './mcp-bench.ts';
import { officialClient } from './official-client.ts';
import { silentLog } from './silent-log.ts';
import { linesOf } from './store-places.ts';
import { environment, killHomeWhenFinished, type StartOptions, until } from './switchboard.ts';
import { temporaryDirectory } from './temporary-directory.ts';

// A tool waits for a person as long as its test lasts: the test's own time ends it, on a slow machine too.
export const CALL_MS_MAX = 600_000;

/** Where one or more servers of a test run, and where their sessions lie. */
export interface McpPlace {
  readonly home: string;
  readonly project: string;
  readonly sessionsDirectory: string;
  /** Reads and answers with a store of the test's own, as a hub would. */
  readonly hub: HubSide;
}

/** One `switchboard mcp` of the built command with the official client on its stdio. */
export interface McpProcess extends McpPlace {
  readonly client: Client;
  readonly pid: number;
  readonly stderr: string;
  call(tool: string, input?: object, options?: CallOptions): Promise<CallToolResult>;
  /** The session of this process, as soon as it has its file. */
  session(): Promise<SessionId>;
  close(): Promise<void>;
}

/** A project, a home and a sessions directory of a test's own. */
export function mcpPlace(): McpPlace {
  const project = temporaryDirectory();
  const sessionsDirectory = join(project, '.planning/telegram-sessions');
  const store = new JsonlStore({
    directory: sessionsDirectory,
    writer: { role: 'hub', pid: process.pid },
    timings: { ...TIMINGS, slowLook: 50 },
    log: silentLog,
  });
  onTestFinished(() => store.close());
  return { home: join(project, 'home'), project, sessionsDirectory, hub: new HubSide(store) };
}

/** Starts the built command as Claude Code does, and shakes hands with it. It ends with the test. */
export async function startMcp(
  place: McpPlace = mcpPlace(),
  options: Omit<StartOptions, 'home'> = {},
): Promise<McpProcess> {
  const { home, project } = place;
  const [command = '', ...args] = [...(options.through ?? []), process.execPath, options.program ?? PROGRAM, 'mcp'];
  const transport = new StdioClientTransport({
    command,
    args,
    cwd: project,
    env: environment({ ...options, home, env: { CLAUDE_PROJECT_DIR: project, ...options.env } }),
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const client = officialClient();
  killHomeWhenFinished(home);
  onTestFinished(() => client.close());
  await client.connect(transport);
  // From now on the client checks every result against its tool's output schema.
  await client.listTools();
  const pid = transport.pid ?? 0;
  return {
    ...place,
    client,
    pid,
    get stderr() {
      return stderr;
    },
    call: (name, input = {}, { signal, onprogress, timeout = CALL_MS_MAX } = {}) =>
      client.callTool({ name, arguments: { ...input } }, undefined, {
        timeout,
        ...(signal ? { signal } : {}),
        ...(onprogress ? { onprogress } : {}),
      }) as Promise<CallToolResult>,
    session: () => sessionOf(place, pid),
    close: () => client.close(),
  };
}

/** The session that the process with this pid has opened last. */
export async function sessionOf({ sessionsDirectory }: McpPlace, pid: number): Promise<SessionId> {
  const find = (): string | undefined =>
    logsIn(sessionsDirectory).findLast((name) => firstRecord(join(sessionsDirectory, name)).pid === pid);
  await until(
    () => find() !== undefined,
    () => `a session file of process ${pid} in ${sessionsDirectory}`,
  );
  return parseSessionId((find() ?? '').replace('.jsonl', ''));
}

/** The records of a session's file, parsed; fails on a line that is none. What is just being written has no end yet. */
export function recordsOf({ sessionsDirectory }: McpPlace, session: SessionId): Record<string, unknown>[] {
  const lines = readFileSync(join(sessionsDirectory, `${session}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

function logsIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  } catch {
    return []; // Not made yet.
  }
}

function firstRecord(path: string): { pid?: number } {
  try {
    return JSON.parse(linesOf(path)[0] ?? '{}');
  } catch {
    return {}; // Moved away meanwhile, or damaged on purpose.
  }
}

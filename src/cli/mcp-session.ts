import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { SwitchboardError } from '../domain/errors.ts';
import type { AskInput, AskOutput } from '../mcp/tool-schemas.ts';
import { VERSION } from './version.ts';

// A person may take a day, and a progress message every 14 s would reset a shorter one: this is the longest timer that
// Node has, some 24 days.
const CALL_MS_MAX = 2 ** 31 - 1;
const START_MS_MAX = 30_000;
const SAID_CHARS_MAX = 4_000;
const LOG_LEVEL_ERROR = 50;

/** An MCP server that was started from here did not do what was asked of it; the message says what it said itself. */
export class McpSessionError extends SwitchboardError {
  override readonly name = 'McpSessionError';
  readonly code = 'MCP_SESSION';
}

/** What a session that is started from here is told, as Claude Code would. */
export interface McpSessionOptions {
  readonly home: string;
  /** Its project: the working directory, and where its session file goes whatever the settings say. */
  readonly project: string;
  /** What its server gets as its environment, apart from what `home` and `project` decide. */
  readonly environment: NodeJS.ProcessEnv;
  /** Without one, cards show project and branch. */
  readonly label?: string;
  /** Aborted, it gives up a server that is still starting. */
  readonly signal?: AbortSignal;
}

/** A real `switchboard mcp`, with this process in the place of its Claude Code. */
export interface McpSession {
  readonly pid: number;
  readonly sessionsDirectory: string;
  /**
   * Asks as Claude does, and waits as long as the question is open. An aborted `signal` withdraws the question.
   *
   * @throws McpSessionError when the question is refused or the server ends.
   */
  ask(
    question: AskInput,
    options?: { signal?: AbortSignal; onProgress?: (message: string) => void },
  ): Promise<AskOutput>;
  /** Ends the server as a Claude Code that exits does; what is open then is closed. Harmless to repeat. */
  close(): Promise<void>;
}

/** Where a session that is started from here has its file. */
export function sessionsDirectoryOf(project: string): string {
  return join(project, '.planning', 'telegram-sessions');
}

/**
 * Starts this program's own MCP server for a project and shakes hands with it, as a Claude Code that starts does.
 *
 * @throws McpSessionError when it does not start.
 */
export async function startMcpSession(options: McpSessionOptions): Promise<McpSession> {
  const { project, label, signal: startSignal } = options;
  const sessionsDirectory = sessionsDirectoryOf(project);
  mkdirSync(project, { recursive: true, mode: 0o700 });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [process.argv[1] ?? '', 'mcp'],
    cwd: project,
    env: serverEnvironment(options, sessionsDirectory),
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-SAID_CHARS_MAX);
  });
  const client = new Client({ name: 'switchboard', version: VERSION });
  // What is sent to a server that has just died is never settled: its end is heard here.
  const gone = new Promise<never>((_, reject) => {
    client.onclose = () => reject(new Error('its server has ended'));
  });
  gone.catch(() => undefined);
  const failed = (doing: string, error: unknown): McpSessionError => {
    const reason = error instanceof Error ? error.message : String(error);
    return new McpSessionError(`A session for ${project} could not ${doing}: ${reason}. ${lastWord(said)}`.trim(), {
      cause: error,
    });
  };
  const call = async (name: string, input: object, more: object): Promise<unknown> => {
    const result = await client.callTool({ name, arguments: { ...input } }, undefined, more);
    if (result.isError) throw new Error(textOf(result.content));
    return result.structuredContent;
  };
  try {
    const limit = { timeout: START_MS_MAX, ...(startSignal ? { signal: startSignal } : {}) };
    await Promise.race([client.connect(transport, limit), gone]);
    // The tools are not listed: the client would check results against their schemas, and the server is this very program.
    if (label !== undefined) await Promise.race([call('set_session_label', { label }, limit), gone]);
  } catch (error) {
    await client.close();
    throw failed('be started', error);
  }
  return {
    pid: transport.pid ?? 0,
    sessionsDirectory,
    ask: async (question, { signal, onProgress } = {}) => {
      const onprogress = ({ message }: { message?: string }): void => onProgress?.(message ?? '');
      const more = { timeout: CALL_MS_MAX, ...(signal ? { signal } : {}), ...(onProgress ? { onprogress } : {}) };
      try {
        return (await call('ask_blocking_question', question, more)) as AskOutput;
      } catch (error) {
        throw failed('ask', error);
      }
    },
    close: () => client.close(),
  };
}

/** Started from within a Claude Code, it must not pass for a session of that one. */
function serverEnvironment(options: McpSessionOptions, sessionsDirectory: string): Record<string, string> {
  const { home, project, environment } = options;
  const passed = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^CLAUDE(CODE)?(_|$)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(passed),
    CLAUDE_PROJECT_DIR: project,
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_SESSIONS_DIR: sessionsDirectory,
  };
}

function textOf(content: unknown): string {
  const parts = Array.isArray(content) ? content : [];
  return parts.map((part: { text?: string }) => part.text ?? '').join(' ');
}

/** Why the server ended, if it has said so on its stderr: a plain line, or an entry of its log that is an error. */
function lastWord(said: string): string {
  const line = said
    .trim()
    .split('\n')
    .map(wordOf)
    .findLast((word) => word !== '');
  return line ? `It said: ${line}` : '';
}

function wordOf(line: string): string {
  if (!line.startsWith('{')) return line.trim();
  try {
    const { level, msg, error }: { level?: number; msg?: string; error?: string } = JSON.parse(line);
    return (level ?? 0) < LOG_LEVEL_ERROR ? '' : [msg, error].filter(Boolean).join(': ');
  } catch {
    return ''; // Its beginning was cut off.
  }
}

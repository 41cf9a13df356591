import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { environmentForOthers } from './environment-for-others.ts';
import { printable } from './terminal.ts';

// A start takes a third of a second; the first one after an update has been seen to take several.
const CALL_MS_MAX = 20_000;
const SAID_CHARS_MAX = 64 * 1024;
const QUOTED_CHARS_MAX = 200;
/** How Claude Code calls the server. */
export const SERVER_NAME = 'switchboard';

/** How to get it, for people who do not have it. On a Node that is too old npm takes an old Claude Code without a word. */
export const CLAUDE_INSTALL =
  'https://code.claude.com/docs/en/setup has its own installer; the npm package needs Node 22 or newer.';

/** What came of one run of the `claude` command. `missing`: there is no such command; `cut off`: it was killed. */
export interface ClaudeRun {
  readonly code: number | 'missing' | 'cut off';
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the `claude` command to its end, without our secrets in its environment. One that hangs is killed after `ms`
 * milliseconds, or when the signal aborts, with all that it has started. Never throws.
 */
export function runClaude(
  args: readonly string[],
  { signal, ms = CALL_MS_MAX }: { signal?: AbortSignal; ms?: number } = {},
): Promise<ClaudeRun> {
  const env = environmentForOthers();
  return new Promise((resolve) => {
    // In a process group of its own: what it starts holds its output open, and goes with it.
    const child = spawn('claude', args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] = (said[name] + text).slice(0, SAID_CHARS_MAX);
      });
    }
    const end = (code: ClaudeRun['code'], word = ''): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve({ code, stdout: said.stdout, stderr: said.stderr || word });
    };
    const cutOff = (word: string): void => {
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      end('cut off', word);
    };
    const abort = (): void => cutOff('it was ended');
    const timer = setTimeout(() => cutOff(`it did not end within ${ms / 1000} s`), ms);
    signal?.addEventListener('abort', abort, { once: true });
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? end('missing') : end(1, `it cannot be started (${error.code})`),
    );
    child.once('close', (code) => end(code ?? 1));
    if (signal?.aborted) abort();
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return; // It could not be started.
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** What a run of the `claude` command has said, fit for one line of a terminal; its status when it said nothing. */
export function saidBy({ code, stdout, stderr }: ClaudeRun): string {
  if (code === 'missing') return 'there is no such command';
  const said = printable((stderr || stdout).trim())
    .replaceAll('\n', ' ')
    .slice(0, QUOTED_CHARS_MAX);
  return said || `exit status ${code}`;
}

/** The `claude` command of this person. */
export type ClaudeFound =
  | { readonly found: 'version'; readonly version: string }
  | { readonly found: 'missing' }
  | { readonly found: 'failing'; readonly said: string };

/** Looks for the `claude` command, and asks it for its version, e.g. `2.1.329`. */
export async function findClaude(signal?: AbortSignal): Promise<ClaudeFound> {
  const run = await runClaude(['--version'], signal ? { signal } : {});
  if (run.code === 'missing') return { found: 'missing' };
  const version = run.code === 0 ? /\d+\.\d+\.\d+/.exec(run.stdout)?.[0] : undefined;
  return version === undefined ? { found: 'failing', said: saidBy(run) } : { found: 'version', version };
}

/** Why there is no Claude Code to work with, and what to do. */
export function withoutClaude(claude: Exclude<ClaudeFound, { found: 'version' }>): { why: string; next: string } {
  return claude.found === 'missing'
    ? { why: 'there is no `claude` command on the PATH', next: `To install it: ${CLAUDE_INSTALL}` }
    : {
        why: `\`claude --version\` has failed: ${claude.said}`,
        next: `See what it says; or install it again: ${CLAUDE_INSTALL}`,
      };
}

/** The files in which Claude Code keeps its user-wide settings. */
export interface ClaudeFiles {
  /** Its own, with the MCP servers; the `claude` command writes it. */
  readonly state: string;
  /** The person's, with the `env` block. */
  readonly settings: string;
}

/** Where Claude Code of this environment keeps its settings. */
export function claudeFiles(env: NodeJS.ProcessEnv): ClaudeFiles {
  const directory = env.CLAUDE_CONFIG_DIR;
  return {
    state: join(directory || homedir(), '.claude.json'),
    settings: join(directory || join(homedir(), '.claude'), 'settings.json'),
  };
}

const registration = z.looseObject({
  type: z.string().optional(),
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});

/** How an MCP server is registered: what Claude Code starts. */
export interface Registration {
  readonly type?: string | undefined;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a state file says of our server. `unreadable`: the file is no JSON object, or the entry none that can start. */
export type Registered =
  | { readonly found: 'nothing' }
  | { readonly found: 'unreadable'; readonly why: string }
  | { readonly found: 'entry'; readonly entry: Registration };

/** How our server is registered for all projects of this user. */
export function readRegistration(stateFile: string): Registered {
  const state = readJsonObject(stateFile);
  if (state === null) return { found: 'nothing' };
  if (state === 'unreadable') return { found: 'unreadable', why: `${stateFile} is not readable as a JSON object` };
  const servers = Object(state.mcpServers);
  if (!Object.hasOwn(servers, SERVER_NAME)) return { found: 'nothing' };
  const { success, data } = registration.safeParse(servers[SERVER_NAME]);
  if (success) return { found: 'entry', entry: data };
  return {
    found: 'unreadable',
    why: `the entry "${SERVER_NAME}" of mcpServers in ${stateFile} is none that can start`,
  };
}

/** The plugin of ours that is switched on in a person's settings, as Claude Code calls it; null when there is none. */
export function enabledPlugin(env: NodeJS.ProcessEnv): string | null {
  const settings = readJsonObject(claudeFiles(env).settings);
  const plugins = settings === null || settings === 'unreadable' ? {} : Object(settings.enabledPlugins);
  const ours = Object.keys(plugins).find((name) => name.startsWith(`${SERVER_NAME}@`) && plugins[name] === true);
  return ours ?? null;
}

/** The object that a JSON file holds; null when there is no file. */
export function readJsonObject(path: string): Record<string, unknown> | null | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
  try {
    const value: unknown = JSON.parse(withoutMark(text) || '{}'); // Claude Code begins an empty one anew.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : 'unreadable';
  } catch {
    return 'unreadable'; // The parser's message quotes the file, which may hold secrets.
  }
}

/** The text without the mark that some editors put before it, and without spaces around it. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '').trim();
}

/**
 * How this program wants to be registered: by absolute paths, since `npx` looks its package up anew for every session.
 * `home`: told to the server when it is not the usual one.
 */
export function ownRegistration(home: string): Required<Registration> {
  const usual = home === join(homedir(), '.switchboard');
  return {
    type: 'stdio',
    command: process.execPath,
    args: [programPath(), 'mcp'],
    env: usual ? {} : { SWITCHBOARD_HOME: home },
  };
}

/** Where this program itself lies, links resolved. */
export function programPath(): string {
  const [, program = ''] = process.argv;
  try {
    return realpathSync(program);
  } catch {
    return program; // Replaced in this moment.
  }
}

/** The words after `claude` that register this. */
export function registerArguments({ command, args = [], env = {} }: Registration): string[] {
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return ['mcp', 'add', '--scope', 'user', SERVER_NAME, ...variables, '--', command ?? '', ...args];
}

/** The words after `claude` that take the registration back. */
export const UNREGISTER_ARGUMENTS = ['mcp', 'remove', '--scope', 'user', SERVER_NAME];

/** The words after `claude` that put a registration back as it was. */
export function restoreArguments(earlier: object): string[] {
  return ['mcp', 'add-json', '--scope', 'user', SERVER_NAME, JSON.stringify(earlier)];
}

/** A command line as a person would type it. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** Do two registrations start the same thing in the same way? */
export function startsTheSame(a: Registration, b: Registration): boolean {
  const essence = ({ command, args = [], env = {} }: Registration): string =>
    JSON.stringify([command, args, Object.entries(env).sort()]);
  return essence(a) === essence(b);
}

/** Is this program one that npx fetched for this one run, to be cleaned away some day? */
export function isFromNpx(program: string): boolean {
  return /[\\/]_npx[\\/]/.test(program);
}

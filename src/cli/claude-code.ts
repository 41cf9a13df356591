import { execFile } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// A start takes a third of a second; the first one after an update has been seen to take several.
const CALL_MS_MAX = 20_000;
/** How Claude Code calls the server. */
export const SERVER_NAME = 'switchboard';

/** How to get it, for people who do not have it. */
export const CLAUDE_INSTALL = 'npm install --global @anthropic-ai/claude-code';

/** What came of one run of the `claude` command. `missing`: there is no such command. */
export interface ClaudeRun {
  readonly code: number | 'missing';
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the `claude` command to its end, without the bot's token in its environment. Never throws. */
export function runClaude(args: readonly string[]): Promise<ClaudeRun> {
  const { TELEGRAM_BOT_TOKEN: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile('claude', args, { env, timeout: CALL_MS_MAX }, (error, stdout, stderr) => {
      if (!error) resolve({ code: 0, stdout, stderr });
      else if (error.code === ('ENOENT' as unknown)) resolve({ code: 'missing', stdout: '', stderr: '' });
      else resolve({ code: typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** The version of Claude Code, e.g. `2.1.329`; null when there is no `claude` command, or it does not say. */
export async function claudeVersion(): Promise<string | null> {
  const { code, stdout } = await runClaude(['--version']);
  return code === 0 ? (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null) : null;
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

/** How an MCP server is registered: what Claude Code starts. */
export interface Registration {
  readonly type?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a state file says of our server. `unreadable`: the file is there and no JSON object. */
export type Registered =
  | { readonly found: 'nothing' }
  | { readonly found: 'unreadable' }
  | { readonly found: 'entry'; readonly entry: Registration };

/** How our server is registered for all projects of this user. */
export function readRegistration(stateFile: string): Registered {
  const state = readJsonObject(stateFile);
  if (state === null) return { found: 'nothing' };
  if (state === 'unreadable') return { found: 'unreadable' };
  const entry = (state.mcpServers as Record<string, Registration> | undefined)?.[SERVER_NAME];
  return typeof entry === 'object' && entry !== null ? { found: 'entry', entry } : { found: 'nothing' };
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
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : 'unreadable';
  } catch {
    return 'unreadable'; // The parser's message quotes the file, which may hold secrets.
  }
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

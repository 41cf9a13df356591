import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './build.ts';
import { claudeProgram, missingForClaude } from './claude-program.ts';
import { type ClaudeTerminal, startTerminal } from './claude-terminal.ts';
import { type Line, startLine } from './line.ts';
import { type MessagesApi, startMessagesApi } from './messages-api/messages-api.ts';
import type { ScriptedModel } from './messages-api/scripted-model.ts';
import { environment, killHomeWhenFinished, until } from './switchboard.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const KEY = 'test-key';

/** Spares the questions of a first start: theme, key, trust. Who trusts a directory trusts what is below it. */
const FIRST_START = {
  hasCompletedOnboarding: true,
  theme: 'dark',
  customApiKeyResponses: { approved: [KEY], rejected: [] },
  projects: { [tmpdir()]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
};

/** How one Claude Code instance is started. */
export interface ClaudeOptions {
  readonly model: ScriptedModel;
  /** Where it runs; the desk's project unless given. */
  readonly project?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** false: a plugin brings the server. */
  readonly server?: boolean;
}

/** How a `claude -p` ended. */
export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine with the real Claude Code, the built `switchboard mcp` as its server, an owner's phone and no network. */
export interface ClaudeDesk extends Line {
  readonly messages: MessagesApi;
  /** Runs `claude -p <prompt>` to its end. */
  print(prompt: string, options: ClaudeOptions): Promise<Printed>;
  /** Starts its terminal UI, which asks for every permission, and waits until it takes a prompt and has its server. */
  terminal(options: ClaudeOptions): Promise<ClaudeTerminal>;
}

/** Sets up a desk of a test's own; all that it starts ends with the test. `settings` go into `~/.claude/settings.json`. */
export async function claudeDesk({ settings = {} }: { settings?: object } = {}): Promise<ClaudeDesk> {
  const missing = missingForClaude();
  if (missing) throw new Error(missing);
  const line = await startLine();
  const messages = await startMessagesApi();
  const { place } = line;
  const userHome = temporaryDirectory();
  mkdirSync(join(userHome, '.claude'));
  writeFileSync(join(userHome, '.claude/settings.json'), JSON.stringify(settings));
  writeFileSync(join(userHome, '.claude.json'), JSON.stringify(FIRST_START));
  killHomeWhenFinished(place.home);

  function command({ model, project = place.project, env = {}, args = [], server: own = true }: ClaudeOptions) {
    const config = join(userHome, 'mcp.json');
    const server = { command: process.execPath, args: [PROGRAM, 'mcp'], env: environmentOf(line) };
    writeFileSync(config, JSON.stringify({ mcpServers: { switchboard: server } }));
    return {
      program: claudeProgram(),
      args: [
        ...(own ? ['--mcp-config', config, '--strict-mcp-config', '--allowedTools', 'mcp__switchboard'] : []),
        ...args,
      ],
      cwd: project,
      env: { ...claudeEnvironment(place.home, userHome, messages.baseUrl(model)), ...env },
    };
  }

  return {
    ...line,
    messages,
    print: (prompt, options) => print(prompt, command(options)),
    terminal: async (options) => {
      const { args, cwd, ...more } = command(options);
      const before = sessionFiles(cwd).length;
      const terminal = await startTerminal({ ...more, cwd, args: ['--permission-mode', 'manual', ...args] });
      await until(
        () => sessionFiles(cwd).length > before,
        () => `the session file of a new server below ${cwd}`,
      );
      return terminal;
    },
  };
}

function sessionFiles(project: string): string[] {
  const directory = join(project, '.planning/telegram-sessions');
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.jsonl')) : [];
}

/** A command line and where it runs, with nothing in its environment but what is given. */
export interface ClaudeCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function print(prompt: string, { program, args, cwd, env }: ClaudeCommand): Promise<Printed> {
  const child = spawn(program, ['-p', prompt, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  const end = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  const code = await end;
  return { code, ...out };
}

/** What the server gets beside Claude Code's own environment. */
function environmentOf({ place, env, timings }: Line): Record<string, string> {
  const { PATH: _, HOME: __, ...own } = environment({ home: place.home, env, timings });
  return own;
}

function claudeEnvironment(home: string, userHome: string, baseUrl: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: userHome,
    // Its sockets and notes; else they are in /tmp and stay there when it is killed.
    TMPDIR: userHome,
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    ANTHROPIC_BASE_URL: baseUrl,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    // What finds all that a test has started, and ends it.
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_TEST_RUN: process.env.SWITCHBOARD_TEST_RUN ?? '',
  };
}

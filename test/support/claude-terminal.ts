import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ClaudeCommand } from './claude-code.ts';
import { until } from './switchboard.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const COLUMNS = 160;
const ROWS = 60;

/** The terminal UI of a Claude Code instance, in a tmux server of its own. */
export class ClaudeTerminal {
  readonly #socket: string;
  readonly #command: ClaudeCommand;

  constructor(command: ClaudeCommand) {
    this.#command = command;
    this.#socket = join(temporaryDirectory(), 'tmux');
  }

  /** Starts it as a shell would, so that the terminal stays when it is killed. */
  start(): void {
    const { program, args } = this.#command;
    const shell = ['sh', '-c', '"$@"; exec cat', 'sh', program, ...args];
    this.#tmux('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), '--', ...shell);
  }

  close(): void {
    try {
      this.#tmux('kill-server');
    } catch {
      return; // It had ended.
    }
  }

  /** The pid of Claude Code. */
  get pid(): number {
    const shell = this.#tmux('list-panes', '-F', '#{pane_pid}').trim();
    return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim());
  }

  /** What it shows now, without empty lines. */
  screen(): string {
    // It sets its prompt off by a no-break space.
    const lines = this.#tmux('capture-pane', '-p').replaceAll('\u00a0', ' ').split('\n');
    return lines.filter((line) => line.trim() !== '').join('\n');
  }

  /** Waits until the screen matches. */
  sees(pattern: RegExp): Promise<void> {
    return until(
      () => pattern.test(this.screen()),
      () => `${pattern} on the screen:\n${this.screen()}`,
    );
  }

  /** Writes a prompt and sends it off. */
  async prompts(text: string): Promise<void> {
    this.#tmux('send-keys', '-l', text);
    await this.sees(new RegExp(`❯ ${text.replace(/[^\w ]/g, '.')}`));
    this.presses('Enter');
  }

  /** Presses keys, named as tmux names them: `Enter`, `Escape`, `Down`, `1`. */
  presses(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  #tmux(...args: string[]): string {
    const { env, cwd } = this.#command;
    return execFileSync('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], {
      env,
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** Starts the terminal UI for the running test and waits until it takes a prompt. */
export async function startTerminal(command: ClaudeCommand): Promise<ClaudeTerminal> {
  const terminal = new ClaudeTerminal(command);
  onTestFinished(() => terminal.close());
  terminal.start();
  await terminal.sees(/❯/);
  return terminal;
}

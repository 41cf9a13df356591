import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './build.ts';
import { WAIT_MS_MAX } from './patience.ts';
import { kill, processesOfRun } from './processes-of-run.ts';

export { kill };

/** How to start the built command. Only these variables, the mark of the test run and PATH are in its environment. */
export interface StartOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Overrides of `Timings`, in milliseconds. */
  readonly timings?: Readonly<Record<string, number>>;
  /** The home unless given; made when it is not there. */
  readonly cwd?: string;
  /** Runs in a process group of its own, so that a test can kill the whole group. */
  readonly group?: boolean;
  /** Another build of the command, e.g. one of a newer version. */
  readonly program?: string;
  /** A program with its arguments that runs the command as its last ones, e.g. `unshare`. */
  readonly through?: readonly string[];
}

/** The environment that `startSwitchboard` gives, for those who start the command by other means. */
export function environment({ home, env, timings }: StartOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_TEST_RUN: process.env.SWITCHBOARD_TEST_RUN ?? '',
    WEB_PORT: String(webPortOf(home)),
    ...(timings ? { SWITCHBOARD_TIMINGS: JSON.stringify(timings) } : {}),
    ...env,
  };
}

/**
 * Where the hubs of a home serve the web inbox, if that is free: tests run side by side, and beside the hub of who runs
 * them. No port that a system gives to whoever wants any: it must still be free when a killed hub is followed by another;
 * and none that browsers refuse, of which 10080 is the last.
 */
function webPortOf(home: string): number {
  return 11_000 + (createHash('sha256').update(home).digest().readUInt16BE() % 18_000);
}

/** A running command of the built program. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Waits until what it has printed matches. */
  printed(pattern: RegExp): Promise<void>;
  /** Waits for its end; the exit status, or the signal that killed it. */
  ended(): Promise<number | NodeJS.Signals>;
}

/** Starts the built command; it, and every hub that it starts, is killed when the test has finished. */
export function startSwitchboard(args: readonly string[], options: StartOptions): RunningCommand {
  const { home, cwd, group = false, program = PROGRAM, through = [] } = options;
  if (cwd === undefined) mkdirSync(home, { recursive: true, mode: 0o700 });
  const [command = '', ...rest] = [...through, process.execPath, program, ...args];
  const child = spawn(command, rest, {
    cwd: cwd ?? home,
    env: environment(options),
    detached: group,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  // Written to one that has ended, or refuses its arguments and ends without reading.
  child.stdin.on('error', () => undefined);
  const end = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  killHomeWhenFinished(home);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  return {
    child,
    pid: child.pid ?? 0,
    get stdout() {
      return out.stdout;
    },
    get stderr() {
      return out.stderr;
    },
    printed: (pattern) =>
      until(
        () => pattern.test(out.stdout + out.stderr),
        () => `${pattern} in:\n${out.stdout}${out.stderr}`,
      ),
    ended: () => end,
  };
}

/** Runs the built command to its end. */
export async function runSwitchboard(
  args: readonly string[],
  options: StartOptions & { stdin?: string },
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const command = startSwitchboard(args, options);
  command.child.stdin?.end(options.stdin ?? '');
  const code = await command.ended();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

const homesInUse = new Set<string>();

/** Kills, when the test has finished, whatever still runs with this home: detached hubs above all. */
export function killHomeWhenFinished(home: string): void {
  homesInUse.add(home);
  onTestFinished(async () => {
    // A look through all processes is dear: one serves all that the test has started there.
    if (!homesInUse.delete(home)) return;
    const running = (): { pid: number }[] =>
      processesOfRun(process.env.SWITCHBOARD_TEST_RUN ?? '', `SWITCHBOARD_HOME=${home}\0`);
    await until(
      () => {
        const left = running();
        for (const { pid } of left) kill(pid, 'SIGKILL');
        return left.length === 0;
      },
      () => `the end of everything that runs in ${home}`,
    );
  });
}

/** The pids of the processes that were started with this home and whose arguments match. */
export function runningIn(home: string, args: RegExp = /./): number[] {
  return processesOfRun(process.env.SWITCHBOARD_TEST_RUN ?? '', `SWITCHBOARD_HOME=${home}\0`)
    .filter(({ command }) => args.test(command))
    .map(({ pid }) => pid);
}

/** The entries of the hub's log in this home, oldest first. */
export function hubLog(home: string): { level: number; msg: string; pid: number; [fact: string]: unknown }[] {
  const path = join(home, 'hub.log');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Waits until the hub's log has an entry whose message matches, and returns it. */
export async function hubLogged(home: string, message: RegExp): Promise<{ pid: number; [fact: string]: unknown }> {
  const find = () => hubLog(home).find(({ msg }) => message.test(msg));
  await until(
    () => find() !== undefined,
    () => `${message} in hub.log:\n${JSON.stringify(hubLog(home), null, 1)}`,
  );
  return find() as { pid: number };
}

/** Looks again and again until `condition` holds; fails with what was waited for. */
export async function until(condition: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${WAIT_MS_MAX} ms for ${what()}`);
    await sleep(5);
  }
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killSilentHub, readHubFile } from '../../src/runtime/hub-probe.ts';
import { processesOfRun } from '../../test/support/processes-of-run.ts';
import { until } from './clock.ts';
import { BOT_API_PROCESS, SWITCHBOARD } from './programs.ts';
import { type Remote, startRemote } from './remote.ts';
import { StdioClient } from './stdio-client.ts';

// As in life, but without the pauses that Telegram's limits put between two messages.
const TIMINGS = { telegramChat: 0, telegramGroup: 0, telegramOverall: 0 };
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A home and a project of their own. */
export interface Place {
  readonly home: string;
  readonly project: string;
  readonly sessionsDirectory: string;
}

/** Where one measurement happens. What was started and made there is gone afterwards, however it ended. */
export class Scene {
  private readonly mark = randomUUID();
  private readonly root = mkdtempSync(join(tmpdir(), 'swb-bench-'));
  private readonly children: { kill(signal: NodeJS.Signals): boolean }[] = [];
  private readonly homes: string[] = [];
  private places = 0;
  private closed: Promise<void> | null = null;

  place(home?: string): Place {
    this.places += 1;
    const project = join(this.root, `p${this.places}`);
    mkdirSync(project);
    const place = { home: home ?? join(project, 'home'), project };
    if (home === undefined) this.homes.push(place.home);
    return { ...place, sessionsDirectory: join(project, '.planning/telegram-sessions') };
  }

  /** Starts a program with Node, in a place, with nothing of this process's environment. */
  spawn(args: readonly string[], place: Place, env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, args, { cwd: place.project, env: this.environment(place, env) });
    this.children.push(child);
    return child;
  }

  /** Starts a program with Node that waits for a line on stdin, so that it can be watched from its first step on. */
  spawnHeld(args: readonly string[], place: Place, env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
    const held = ['-c', 'read -r go && exec "$@"', 'sh', process.execPath, ...args];
    const child = spawn('sh', held, { cwd: place.project, env: this.environment(place, env) });
    this.children.push(child);
    return child;
  }

  /** Starts a session and waits until it has its tools listed, its file, and its link to the hub. */
  async startSession(place: Place, env: Record<string, string> = {}): Promise<StdioClient> {
    const client = new StdioClient(this.spawn([SWITCHBOARD, 'mcp'], place, env));
    await client.listTools();
    await untilLinked(client, 1);
    return client;
  }

  /** Starts a process of the bench's own. */
  async startRemote<H extends Readonly<Record<string, (argument: never) => unknown>>>(
    program: string,
    ...args: string[]
  ): Promise<Remote<H>> {
    const remote = await startRemote<H>(program, args, { PATH: process.env.PATH, SWITCHBOARD_TEST_RUN: this.mark });
    this.children.push(remote.process);
    return remote;
  }

  /** Starts a Bot API on loopback, in a process of its own. */
  startBotApi(): Promise<Remote<import('../bot-api-process.ts').BotApiHandlers>> {
    return this.startRemote(BOT_API_PROCESS);
  }

  /** Harmless to repeat. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await until('the end of all processes', () => {
      const left = processesOfRun(this.mark);
      for (const { pid } of left) kill(pid);
      // Where a system does not show what belongs to this scene, the hubs are known by the word they left.
      const hubs = this.homes.filter((home) => killSilentHub(readHubFile(home)));
      return left.length + hubs.length === 0;
    });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  private environment({ home, project }: Place, env: Record<string, string>): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      HOME: home,
      SWITCHBOARD_HOME: home,
      CLAUDE_PROJECT_DIR: project,
      SWITCHBOARD_TEST_RUN: this.mark,
      WEB_PORT: '0',
      SWITCHBOARD_TIMINGS: JSON.stringify(TIMINGS),
      ...env,
    };
  }
}

/** Measures in a scene of its own. When the bench itself is ended, nothing of it stays behind either. */
export async function inScene<T>(measure: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = new Scene();
  const interrupted = (): void => {
    void scene.close().finally(() => process.exit(1));
  };
  // On, not once: a signal to the whole group comes twice, and the second must not end this process half-way.
  for (const signal of END_SIGNALS) process.on(signal, interrupted);
  try {
    return await measure(scene);
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, interrupted);
    await scene.close();
  }
}

/** Waits until a session has connected to a hub for the `times`th time. */
export function untilLinked(client: StdioClient, times: number): Promise<true> {
  const links = (): number => client.stderr.split('connected to the hub').length - 1;
  return until(`connection ${times} of session process ${client.pid}`, () => links() >= times || null);
}

/** Ends a process that may have ended by itself. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

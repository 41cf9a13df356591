import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { preview, spanText } from '../domain/text.ts';
import type { AskOutput } from '../mcp/tool-schemas.ts';
import type { Config } from '../runtime/config.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import type { Logger } from '../runtime/log.ts';
import { forgetProject } from '../runtime/projects.ts';
import { listenForEndSignals } from '../runtime/signals.ts';
import type { WebPlace } from '../runtime/web-place.ts';
import { commandName } from './command-name.ts';
import { placeLines, questionLines } from './demo-lines.ts';
import { DEMO_PROJECTS, type DemoProject, makeDemoProject } from './demo-projects.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { HubInUse } from './hub-in-use.ts';
import { type AskedQuestion, openQuestionsOf, readLiveSessions } from './live-sessions.ts';
import { type McpSession, sessionsDirectoryOf, startMcpSession } from './mcp-session.ts';
import { openInBrowser } from './open-browser.ts';
import { makeScratchDirectory, removeScratchDirectory } from './scratch-directory.ts';
import { print, printable, printError } from './terminal.ts';

const LOOK_MS = 100;
const QUESTIONS_MS_MAX = 15_000;
// The hub says on every card that it is over, at the pace that Telegram takes.
const SETTLE_MS_MAX = 15_000;
// npm and the terminal both pass a Ctrl-C on: the same one comes twice.
const SAME_SIGNAL_MS = 1_000;
// A session that is told of the Ctrl-C itself may be gone a moment before this process hears of it.
const SIGNAL_MS_MAX = 300;
const ANSWER_CHARS = 200;

/** What the person in front of the demo wants. */
export interface DemoFlags {
  /** Opens the web inbox in the browser. */
  readonly open: boolean;
  /** What comes between the program's name and a command, e.g. `--home <directory>`. */
  readonly home?: string;
}

/** A pretend project with its session. */
interface Actor {
  readonly project: DemoProject;
  readonly session: McpSession;
}

/**
 * Shows the whole way of a question and its answer: three real sessions of three pretend projects ask, a person answers
 * wherever they like, and each answer is printed as its own session gets it. Only the home stays, with the hub's log.
 */
export async function runDemo(config: Config, log: Logger, flags: DemoFlags): Promise<ExitCode> {
  makePrivateDirectory(config.home);
  const demo = new Demo(config, log, flags);
  const stopListening = listenForEndSignals(() => demo.end());
  try {
    return await demo.run();
  } finally {
    await demo.cleanUp();
    stopListening();
  }
}

class Demo {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #flags: DemoFlags;
  readonly #hub: HubInUse;
  readonly #directory: string;
  readonly #starts: Promise<Actor>[] = [];
  readonly #end = new AbortController();
  /** Aborts when the person does not want to wait for the cleaning up either. */
  readonly #hurry = new AbortController();
  #endedAt = 0;

  constructor(config: Config, log: Logger, flags: DemoFlags) {
    this.#config = config;
    this.#log = log;
    this.#flags = flags;
    this.#hub = new HubInUse(config, log);
    this.#directory = makeScratchDirectory('demo');
  }

  end(): void {
    if (this.#end.signal.aborted && performance.now() - this.#endedAt > SAME_SIGNAL_MS) this.#hurry.abort();
    if (this.#end.signal.aborted) return;
    this.#endedAt = performance.now();
    this.#end.abort();
  }

  async run(): Promise<ExitCode> {
    try {
      return await this.#play();
    } catch (error) {
      await sleep(SIGNAL_MS_MAX, undefined, { signal: this.#end.signal }).catch(() => undefined);
      if (!this.#end.signal.aborted) throw error;
      print('', 'The demo ends; cleaning up.');
      return EXIT.failed;
    }
  }

  async #play(): Promise<ExitCode> {
    const { signal } = this.#end;
    print('Starting three sessions of three pretend projects…');
    await this.#hub.lookBefore();
    const actors = await this.#startActors();
    const answers = actors.map((actor) => this.#ask(actor));
    // Whoever fails is heard below; until then nobody may be missing a handler.
    for (const answer of answers) answer.catch(() => undefined);
    const { channels } = await orAborted(this.#hub.untilReady(signal), signal);
    const asked = await orAborted(this.#untilAsked(actors), signal);
    const program = commandName(this.#flags.home);
    print('', ...questionLines(asked));
    const { lines, inbox } = placeLines(this.#config, channels, asked, program);
    print('', ...lines, '', 'Waiting for your answers; each goes to the session that asked. Ctrl-C ends the demo.', '');
    if (this.#flags.open) await this.#open(inbox);
    const all = await orAborted(Promise.all(answers), signal);
    if (!all.every((answered) => answered)) return EXIT.failed;
    print('', 'All three answers are back with the sessions that asked.');
    print(`Next: \`${program} setup\` connects your Claude Code, and your phone if you like.`);
    return EXIT.ok;
  }

  async #startActors(): Promise<Actor[]> {
    const { home } = this.#config;
    const { signal } = this.#end;
    signal.throwIfAborted(); // What is not started need not be ended.
    for (const project of DEMO_PROJECTS) {
      const directory = makeDemoProject(this.#directory, project);
      const { label } = project;
      const options = {
        home,
        project: directory,
        environment: process.env,
        signal,
        ...(label === undefined ? {} : { label }),
      };
      const start = startMcpSession(options).then((session) => ({ project, session }));
      start.catch(() => undefined); // Cleaning up looks at each of them; the first failure is told below.
      this.#starts.push(start);
    }
    return orAborted(Promise.all(this.#starts), signal);
  }

  /** True once the session has got an answer. */
  async #ask({ project, session }: Actor): Promise<boolean> {
    const result = await session.ask(project.question);
    const name = project.label ?? `${project.name} · ${project.branch}`;
    print(answerLine(name, result));
    return result.status === 'answered';
  }

  /** The three questions as they stand in the session files. */
  async #untilAsked(actors: readonly Actor[]): Promise<AskedQuestion[]> {
    const directories = actors.map(({ session }) => session.sessionsDirectory);
    const deadline = performance.now() + QUESTIONS_MS_MAX;
    for (;;) {
      const questions = openQuestionsOf(await readLiveSessions(this.#config, this.#log));
      const ours = directories.flatMap((each) => questions.filter(({ session }) => session.directory === each));
      // One that is answered already is open no more.
      if (ours.length === actors.length || performance.now() > deadline) return ours;
      await sleep(LOOK_MS);
    }
  }

  async #open(inbox: WebPlace | null): Promise<void> {
    if (inbox) await openInBrowser(this.#config.home, inbox);
    else printError('There is no web inbox to open.');
  }

  /** Ends the sessions, lets the hub settle their cards, and removes every trace of the pretend projects. */
  async cleanUp(): Promise<void> {
    const started = await Promise.allSettled(this.#starts);
    const sessions = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value.session] : []));
    const { home } = this.#config;
    try {
      if (this.#starts.length > 0) await this.#hub.meetLate();
      await Promise.all(sessions.map((session) => session.close()));
      const directories = sessions.map(({ sessionsDirectory }) => sessionsDirectory);
      const settled = await this.#hub.untilArchived(directories, SETTLE_MS_MAX, this.#hurry.signal);
      if (!settled) printError('Not every card of the demo could be settled; what is left of them answers nothing.');
    } finally {
      for (const { name } of DEMO_PROJECTS) forgetProject(home, sessionsDirectoryOf(join(this.#directory, name)));
      await this.#hub.endIfOurs();
      removeScratchDirectory(this.#directory);
    }
  }
}

function answerLine(name: string, result: AskOutput): string {
  const { status, answer = '', answered_at: at, answered_by: by, asked_at: askedAt, note } = result;
  if (status !== 'answered' || !at || !by) {
    return printable(`${name} got no answer: ${note ?? `the question is over (${status})`}`);
  }
  const way = { telegram: 'by Telegram', web: 'in the web inbox', cli: 'from a terminal' }[by.channel] ?? by.channel;
  const took = spanText(Date.parse(at) - Date.parse(askedAt));
  return printable(`${name} got: ${preview(answer, ANSWER_CHARS)}  (${preview(by.name, 40)}, ${way}, ${took})`);
}

/** The same, unless the signal aborts first: then it rejects at once. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('ended'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject);
  });
}

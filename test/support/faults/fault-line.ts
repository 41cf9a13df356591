import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { AnswerResponse } from '../../../src/channels/web/wire.ts';
import { parseSessionId, type SessionId } from '../../../src/domain/ids.ts';
import type { BotApi } from '../bot-api/bot-api.ts';
import { startBotApi } from '../bot-api/bot-api.ts';
import type { SeenMessage } from '../bot-api/chats.ts';
import { buttonTexts, type Person } from '../bot-api/person.ts';
import { PROGRAM } from '../build.ts';
import { runHook } from '../claude-hooks.ts';
import { OWNER_ID } from '../line.ts';
import { CALL_MS_MAX, type McpPlace, type McpProcess, mcpPlace, startMcp } from '../mcp-client.ts';
import { openCard } from '../phone.ts';
import { kill, runningIn, until } from '../switchboard.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { type Asked, ask } from '../waiting-line.ts';
import { inboxPlace, WebClient } from '../web-client.ts';

// Without the seconds that Telegram's limits cost, and with slow looks that a test can wait for.
const TIMINGS = {
  telegramChat: 0,
  telegramGroup: 0,
  telegramOverall: 0,
  telegramRead: 0,
  telegramQuiet: 20,
  telegramPoll: 2_000,
  retryMin: 20,
  retryMax: 200,
  slowLook: 300,
  slowLookWaiting: 100,
  heartbeat: 1_000,
};

/** One act of a person, with what it was meant to say. */
export interface Pressed {
  /** What the person was told of it; null: nothing yet. */
  readonly press: { readonly answer: { readonly text?: string } | null };
  readonly answer: string;
  readonly card: SeenMessage;
  /** Of a dangerous permission: said with all of it in sight. */
  readonly second: boolean;
}

/** How the asker asks. */
export interface Way {
  /** Words by which its cards are known. */
  readonly question: string;
  /** The option that says no. */
  readonly refusal: string;
  ask(asker: McpProcess): Promise<Asked>;
}

/** What a machine does to the processes on it. */
export interface Control {
  /** Milliseconds that are added to the wall clock. */
  readonly clock?: number;
  readonly watches?: 'used up' | 'lying';
  /** Nothing that is written is ever synced to the disk. */
  readonly syncs?: 'none';
  /** What another writer leaves at the end of a session file between a writer's look at it and its write; every second time. */
  readonly tears?: string;
  /** The process stands still once a text has gone out by stdout; without `then`, the text is kept, and the process lives. */
  readonly out?: { readonly text: string; readonly then?: 'stand still' } | null;
}

export const QUESTION = 'Deploy now?';
export const WITNESS_QUESTION = 'Which way?';

/** By the tool, which waits. */
export const BY_TOOL: Way = { question: QUESTION, refusal: 'No', ask: (asker) => ask(asker, QUESTION) };

const COMMAND = { tool_name: 'Bash', tool_input: { command: 'rm -rf build' }, permission_suggestions: [] };

/** By the hook of a dangerous permission, as Claude Code does. */
export const BY_HOOK: Way = {
  question: 'May I run a command?',
  refusal: 'Deny',
  ask: async (asker) => {
    const { hookSpecificOutput } = await runHook(asker, 'PermissionRequest', COMMAND, { timeout: CALL_MS_MAX });
    const behavior = hookSpecificOutput?.decision?.behavior;
    if (!behavior) return { question_id: '', status: 'undecided' };
    return { question_id: '', status: 'answered', answer: behavior === 'allow' ? 'Allow once' : 'Deny' };
  },
};

/** The button of the second step. */
const YES_AGAIN = 'Yes, allow once';
const PAGE_RETRY_MS = 30;

/**
 * Two sessions of real processes, a hub, a Bot API and an owner. The asker asks the question that faults happen to; the
 * witness has one open all the while, which nobody may answer by mistake, and brings a hub back when the asker cannot.
 */
export class FaultLine {
  readonly api: BotApi;
  readonly owner: Person;
  readonly place: McpPlace;
  readonly asker: McpProcess;
  readonly witness: McpProcess;
  readonly askerSession: SessionId;
  readonly presses: Pressed[] = [];
  /** How many acts of the owner were before the fault. */
  actsBefore = 0;
  readonly way: Way;
  /** What the asking tool has come to; null while it waits. */
  result: Asked | Error | null = null;
  witnessed: Promise<Asked>;
  readonly #control: string;
  #controlled: Control;

  constructor(parts: {
    api: BotApi;
    owner: Person;
    place: McpPlace;
    asker: McpProcess;
    witness: McpProcess;
    askerSession: SessionId;
    control: string;
    controlled: Control;
    way: Way;
  }) {
    this.way = parts.way;
    this.api = parts.api;
    this.owner = parts.owner;
    this.place = parts.place;
    this.asker = parts.asker;
    this.witness = parts.witness;
    this.askerSession = parts.askerSession;
    this.#control = parts.control;
    this.#controlled = parts.controlled;
    this.witnessed = ask(this.witness, WITNESS_QUESTION, { options: ['Left', 'Right'] });
    this.witnessed.catch(() => undefined);
  }

  /** The asker's file, where it was at the start. */
  get path(): string {
    return join(this.place.sessionsDirectory, `${this.askerSession}.jsonl`);
  }

  get lock(): string {
    return join(this.place.sessionsDirectory, '.locks', `${this.askerSession}.lock`);
  }

  /** The pids of the hubs that run. */
  get hubs(): number[] {
    return runningIn(this.place.home, / hub( |$)/);
  }

  /** The asking tool is called; what comes of it stands in `result`. */
  ask(): void {
    this.way.ask(this.asker).then(
      (asked) => {
        this.result = asked;
      },
      (error: Error) => {
        this.result = error;
      },
    );
  }

  /** Cards of the asker's question that can be pressed, newest first. */
  openCards(text = this.way.question): SeenMessage[] {
    const all = this.owner.messages().filter((message) => message.text?.includes(text) && message.reply_markup);
    return all.reverse();
  }

  /** The owner presses an option of the newest open card. */
  press(answer: string, [card] = this.openCards()): Pressed {
    if (!card) throw new Error('No card can be pressed.');
    const pressed = { press: this.owner.presses(card, answer), answer, card, second: false };
    this.presses.push(pressed);
    return pressed;
  }

  /** The message that shows the whole of a dangerous permission, and asks again. */
  asksAgain(): SeenMessage | undefined {
    return this.openCards().find(asksAgain);
  }

  /** The owner says yes again, with all of it in sight. */
  pressAgain(card = this.asksAgain()): Pressed {
    if (!card) throw new Error('Nothing asks again.');
    const pressed = { press: this.owner.presses(card, YES_AGAIN), answer: 'Allow once', card, second: true };
    this.presses.push(pressed);
    return pressed;
  }

  /** Presses whatever this message offers that allows nothing new. */
  pressAnything(card: SeenMessage): void {
    if (asksAgain(card)) this.pressAgain(card);
    else this.press(this.way.refusal, [card]);
  }

  /**
   * The owner answers on the page, which sends the same act until a hub has taken it. Called while a hub serves; what
   * was said comes later.
   */
  async post(option: number, answer: string, confirmed?: true): Promise<Pressed> {
    const [card] = this.openCards();
    const id = this.records().findLast(
      ({ type, question }) => type === 'question' && question === this.way.question,
    )?.id;
    if (!card || typeof id !== 'string') throw new Error('No card can be answered.');
    const { cookie } = await WebClient.enter(this.place.home);
    const said: { answer: { text: string } | null } = { answer: null };
    const pressed = { press: said, answer, card, second: confirmed === true };
    this.presses.push(pressed);
    const act = { options: [option], ...(confirmed ? { confirmed } : {}) };
    void this.#sendUntilTaken(cookie, id, act).then((told) => {
      said.answer = told && { text: told.message };
    });
    return pressed;
  }

  async #sendUntilTaken(cookie: string, id: string, act: { options: number[] }): Promise<AnswerResponse | null> {
    const pressId = randomUUID();
    let over = false;
    onTestFinished(() => {
      over = true;
    });
    while (!over) {
      try {
        const { port } = await inboxPlace(this.place.home);
        return await new WebClient(port, cookie).answer(id, act, pressId);
      } catch {
        await sleep(PAGE_RETRY_MS); // The hub is gone, or going.
      }
    }
    return null;
  }

  /** What the asker's file holds, in whatever state it is. */
  fileText(): string {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
  }

  async written(text: string): Promise<void> {
    await until(
      () => this.fileText().includes(text),
      () => `${text} in the file:\n${this.fileText()}`,
    );
  }

  /** Beside what was said before, which goes on. */
  control(control: Control): void {
    this.#controlled = { ...this.#controlled, ...control };
    // At once: a process that reads half of it would take it for nothing.
    writeFileSync(`${this.#control}.new`, JSON.stringify(this.#controlled));
    renameSync(`${this.#control}.new`, this.#control);
  }

  /** Waits until a process is where `out` says. */
  async held(): Promise<void> {
    await until(
      () => existsSync(`${this.#control}.held`),
      () => 'a process to be held',
    );
  }

  /** Every line of every session file, live and archived, that is a record. */
  records(): Record<string, unknown>[] {
    const { sessionsDirectory } = this.place;
    const archive = join(sessionsDirectory, 'archive');
    const inDirectory = (directory: string): Record<string, unknown>[] =>
      namesIn(directory)
        .filter((name) => LOG_NAME.test(name))
        .flatMap((name) => recordsIn(join(directory, name)));
    // A log that is archived meanwhile is not among the live ones, and is looked for in the archive only then.
    const live = inDirectory(sessionsDirectory);
    return [...live, ...namesIn(archive).flatMap((day) => inDirectory(join(archive, day)))];
  }
}

/** Is this the second step of a dangerous permission? */
export const asksAgain = (card: SeenMessage): boolean => buttonTexts(card).some((text) => text.includes(YES_AGAIN));

/** The process that `unshare --fork` has started; undefined for one that runs the command itself. */
function childOf(pid: number): number | undefined {
  if (!/unshare/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return undefined;
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

// A log, live or archived; what went to the archive as corrupt is no log any more.
const LOG_NAME = /[0-9a-f]{12}(\.\d+)?\.jsonl$/;

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function recordsIn(path: string): Record<string, unknown>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return []; // Something else has been put into its place.
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return []; // Torn by the test, or the tail.
    }
  });
}

/** Starts everything; the witness's card is on the phone and the bot polls. */
export async function startFaultLine(
  options: {
    place?: McpPlace;
    timings?: Record<string, number>;
    /** Programs through which the servers, and the hub that they start, are run. */
    through?: { readonly asker?: readonly string[]; readonly witness?: readonly string[] };
    control?: Control;
    way?: Way;
    env?: Record<string, string>;
  } = {},
): Promise<FaultLine> {
  const api = await startBotApi();
  onTestFinished(() => api.close());
  const owner = api.user(OWNER_ID, 'Ada');
  const place = options.place ?? mcpPlace();
  // In a place of its own: the project may lie on a disk that is full, or may not be written.
  const control = join(temporaryDirectory(), 'control.json');
  const controlled = options.control ?? {};
  writeFileSync(control, JSON.stringify(controlled));
  const start = (through: readonly string[] = []) =>
    startMcp(place, {
      through,
      program: fileURLToPath(new URL('./program.mjs', import.meta.url)),
      timings: { ...TIMINGS, ...options.timings },
      env: {
        TELEGRAM_BOT_TOKEN: api.token,
        TELEGRAM_OWNER_ID: String(OWNER_ID),
        TELEGRAM_API_ROOT: api.root,
        SWITCHBOARD_FAULT_PROGRAM: PROGRAM,
        SWITCHBOARD_FAULT_CONTROL: control,
        ...options.env,
      },
    });
  // The witness is first where it matters who starts the hub.
  const witness = await start(options.through?.witness);
  const witnessSession = await witness.session();
  const started = await start(options.through?.asker);
  // In a namespace of its own its pid in the file is another.
  const newcomer = () =>
    namesIn(place.sessionsDirectory).find((name) => LOG_NAME.test(name) && !name.includes(witnessSession));
  await until(
    () => newcomer() !== undefined,
    () => 'the session of the asker',
  );
  const askerSession = parseSessionId((newcomer() ?? '').replace('.jsonl', ''));
  const asker: McpProcess = Object.create(started, { pid: { value: childOf(started.pid) ?? started.pid } });
  const way = options.way ?? BY_TOOL;
  const line = new FaultLine({ api, owner, place, asker, witness, askerSession, control, controlled, way });
  await openCard(api, owner, WITNESS_QUESTION);
  await api.waitFor(() => api.polled);
  onTestFinished(() => {
    for (const pid of [asker.pid, witness.pid, ...line.hubs]) kill(pid, 'SIGCONT');
  });
  return line;
}

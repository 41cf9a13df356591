import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, type watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionId } from '../../../src/domain/ids.ts';
import { type BotApi, startBotApi } from '../bot-api/bot-api.ts';
import type { Press } from '../bot-api/callback-queries.ts';
import type { Person } from '../bot-api/person.ts';
import type { Message } from '../bot-api/wire.ts';
import { OWNER_ID } from '../line.ts';
import { type Offer, offers } from '../phone.ts';
import type { Asked } from '../waiting-line.ts';
import type { Action } from './history-actions.ts';
import { damageFile, damageLock } from './history-damage.ts';
import { type FILES, type LOCKS, NETWORK, type UPDATES, type WATCHES } from './history-kinds.ts';
import { HubLife, SessionLife, type World } from './history-parts.ts';
import { count } from './injected.ts';
import type { MortalStore } from './mortal-store.ts';
import { isAskedIn } from './promises.ts';
import { realNow, shiftClock } from './shifted-clock.ts';

const QUESTIONS_MAX = 4;
const SESSIONS_MAX = 3;
const HUBS_MAX = 2;
const END_MS_MAX = 20_000;
const PATIENCE_MS = 200;

/** One question of a history, and what became of it at the asking end. */
interface Question {
  readonly number: number;
  readonly text: string;
  readonly session: SessionLife;
  readonly cancel: AbortController;
  readonly waits: boolean;
  id: string | null;
  /** What every tool that spoke of it said, in order. */
  readonly heard: Asked[];
  /** What the asking call came to. */
  end: 'waiting' | 'returned' | 'failed';
}

/** What a person did, and what could be told apart from anything else that anybody did. */
interface Given {
  readonly question: string;
  readonly answer: string;
  /** The message it was pressed on, or replies to. */
  readonly on: number;
  readonly press: Press | null;
  readonly message: Message | null;
}

/** Real sessions, hubs and files and a Bot API in one process, with a person. */
export class History {
  readonly directory = mkdtempSync(join(tmpdir(), 'swb-h-'));
  readonly hubs: HubLife[] = [];
  readonly sessions: SessionLife[] = [];
  readonly questions: Question[] = [];
  readonly given: Given[] = [];
  /** Sessions of which a fault destroyed what only their file held. */
  readonly destroyed = new Set<SessionLife>();
  private readonly api: BotApi;
  private readonly owner: Person;
  private readonly world: World;
  private readonly offered = new Map<string, Offer>();
  private readonly thefts: NodeJS.Timeout[] = [];
  private watchMode: (typeof WATCHES)[number] | null = null;
  private pids = 100;
  private over = false;

  private constructor(api: BotApi) {
    this.api = api;
    this.owner = api.user(OWNER_ID, 'Ada');
    this.world = {
      directory: join(this.directory, 'project', 'sessions'),
      token: api.token,
      apiPort: Number(new URL(api.root).port),
      alive: new Map(),
      watch: () => (this.watchMode ? DEAD_WATCHES[this.watchMode] : undefined),
      tellHubs: (session) => setImmediate(() => this.hubs.at(-1)?.look(session)),
      tellSession: (id) => setImmediate(() => this.sessions.find(({ ids }) => ids.includes(id))?.look()),
    };
  }

  static async start(): Promise<History> {
    const begun = new History(await startBotApi(realNow));
    mkdirSync(dirname(begun.world.directory), { recursive: true });
    await begun.startSession();
    await begun.startHub();
    return begun;
  }

  async do(action: Action): Promise<void> {
    this.see();
    switch (action.do) {
      case 'ask':
        return this.ask(this.session(action.session), action.how);
      case 'press':
        return this.press(this.offer(action.offer));
      case 'text':
        return this.text(this.offer(action.offer));
      case 'check':
        return void this.check(this.session(action.session)).catch(() => undefined);
      case 'cancel':
        return this.cancel(action.question);
      case 'pause':
        return void (await sleep(action.ms));
      case 'start session':
        if (this.sessions.filter(({ alive }) => alive).length < SESSIONS_MAX) await this.startSession();
        return;
      case 'clock':
        inject(action.ms > 0 ? 'clock: ahead' : 'clock: back');
        return shiftClock(action.ms);
      case 'watches':
        inject(`watches: ${action.how}`);
        this.watchMode = action.how;
        return;
      case 'network':
        inject(`network: ${action.fault}`);
        return this.api.fail(action.fault === '409' ? 'getUpdates' : '*', NETWORK[action.fault]!, action.times);
      case 'updates':
        return this.updates(action.how);
      case 'file':
        return this.damageFile(this.session(action.session), action.damage, action.cut);
      case 'lock':
        return this.damageLock(this.session(action.session), action.damage);
      default:
        return this.strike(action);
    }
  }

  /** Everything is well again: the person answers what is open, until nothing is left to do. */
  async finish(): Promise<void> {
    for (const theft of this.thefts) clearInterval(theft);
    this.api.heal();
    this.api.cut();
    for (const session of this.sessions) session.go();
    for (const hub of this.hubs.slice(0, -1)) hub.die();
    this.hubs.at(-1)?.go();
    await this.awakeHub();
    const pressed = new Map<string, number>();
    const deadline = performance.now() + END_MS_MAX;
    for (;;) {
      this.see();
      await this.collect();
      const left = this.leftToDo();
      if (left === null) return;
      if (performance.now() > deadline) throw new Error(`Not over after ${END_MS_MAX} ms: ${left}\n${this.describe()}`);
      await this.awakeHub();
      for (const offer of offers(this.owner)) {
        const key = `${offer.message.message_id}:${offer.message.edits}`;
        const before = pressed.get(key);
        if (!['answer', 'open'].includes(offer.verb) || this.isNobodys(offer)) continue;
        if (before !== undefined && performance.now() - before < PATIENCE_MS) continue;
        pressed.set(key, performance.now());
        this.press(offer);
      }
      await sleep(3);
    }
  }

  async close(): Promise<void> {
    this.over = true;
    for (const theft of this.thefts) clearInterval(theft);
    for (const session of this.sessions) session.die();
    for (const hub of this.hubs) hub.die();
    await this.api.close();
    shiftClock(0);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Every store of every process, dead or alive. */
  get stores(): { readonly store: MortalStore; readonly session: SessionLife | null }[] {
    return [
      ...this.hubs.map(({ store }) => ({ store, session: null })),
      ...this.sessions.map((session) => ({ store: session.store, session })),
    ];
  }

  /** The lines of all logs, live and archived, each log by itself. */
  logs(): Record<string, unknown>[][] {
    const { directory } = this.world;
    const archive = join(directory, 'archive');
    const days = existsSync(archive) ? readdirSync(archive).map((day) => join(archive, day)) : [];
    return [directory, ...days].flatMap((each) =>
      existsSync(each)
        ? readdirSync(each)
            .filter((name) => LOG_NAME.test(name))
            .map((name) => recordsIn(join(each, name)))
        : [],
    );
  }

  /** What the bot told the person of something they gave; null: nothing yet. */
  toldOf({ press, message }: Given): string | null {
    if (press) return press.answer?.text ?? null;
    const reply = this.owner
      .messages()
      .find(({ reply_to_message }) => reply_to_message?.message_id === message?.message_id);
    return reply?.text ?? null;
  }

  describe(): string {
    const messages = this.owner.messages().map(({ text, reply_markup }) => [text, reply_markup !== undefined]);
    const questions = this.questions.map(({ text, end, heard }) => [text, end, heard]);
    const given = this.given.map((each) => [each.answer, this.toldOf(each)]);
    return JSON.stringify({ questions, given, messages, logs: this.logs() }, null, 1);
  }

  // ---- what people and Claude do

  private ask(session: SessionLife, how: 'wait' | 'later' | 'expires'): void {
    if (this.questions.length >= QUESTIONS_MAX || !session.alive) return;
    const number = this.questions.length;
    const question: Question = {
      number,
      text: `Question ${number}?`,
      session,
      cancel: new AbortController(),
      waits: how !== 'later',
      id: null,
      heard: [],
      end: 'waiting',
    };
    this.questions.push(question);
    if (how === 'expires') inject('question expired');
    const input = {
      question: question.text,
      options: [`${number} yes`, `${number} no`],
      wait: how !== 'later',
      timeout_minutes: how === 'expires' ? 1 : 1_440,
    };
    this.call(session, 'ask_blocking_question', input, question.cancel.signal).then(
      (asked) => {
        question.id ??= (asked as Asked).question_id;
        question.heard.push(asked as Asked);
        question.end = 'returned';
      },
      () => {
        question.end = 'failed';
      },
    );
  }

  private async check(session: SessionLife): Promise<void> {
    const { questions } = (await this.call(session, 'check_question_answers', {})) as {
      questions: (Asked & { question: string })[];
    };
    for (const told of questions) this.questions.find(({ text }) => text === told.question)?.heard.push(told);
  }

  private async call(session: SessionLife, name: string, input: object, signal?: AbortSignal): Promise<unknown> {
    const result = await session.client.callTool({ name, arguments: { ...input } }, undefined, {
      timeout: END_MS_MAX,
      ...(signal ? { signal } : {}),
    });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    return result.structuredContent;
  }

  private cancel(n: number): void {
    const question = this.questions[n % Math.max(1, this.questions.length)];
    if (question?.end !== 'waiting') return;
    inject('call cancelled');
    question.cancel.abort('Esc');
  }

  /** The buttons that were ever on the screen can be pressed: a phone may not have refreshed. */
  private see(): void {
    for (const offer of offers(this.owner)) {
      if (offer.verb === 'answer') this.offered.set(`${offer.message.message_id}:${offer.data}`, offer);
    }
  }

  private offer(n: number): Offer | undefined {
    const all = [...this.offered.values()];
    return all[n % Math.max(1, all.length)];
  }

  private press(offer: Offer | undefined): void {
    if (!offer) return;
    const press = this.owner.presses(offer.message, { data: offer.data });
    if (offer.question)
      this.given.push({
        question: offer.question,
        answer: offer.text.trim(),
        on: offer.message.message_id,
        press,
        message: null,
      });
  }

  private text(offer: Offer | undefined): void {
    if (!offer?.question) return;
    const answer = `text ${this.given.length}`;
    const message = this.owner.says(answer, { replyTo: offer.message });
    this.given.push({ question: offer.question, answer, on: offer.message.message_id, press: null, message });
  }

  // ---- what goes wrong

  private strike(
    action: Extract<Action, { do: `kill ${string}` | `doom ${string}` | `stop ${string}` | 'second hub' | 'go on' }>,
  ): Promise<void> | void {
    const hub = this.hubs.at(-1);
    const session = 'session' in action ? this.session(action.session) : this.sessions[0]!;
    switch (action.do) {
      case 'second hub':
        if (this.hubs.filter(({ alive }) => alive).length >= HUBS_MAX) return;
        inject('two hubs');
        return this.startHub();
      case 'kill hub':
        inject('hub killed');
        hub?.die();
        return this.startHub();
      case 'kill session':
        inject('session killed');
        return this.bury(session);
      case 'doom hub':
        return hub?.store.doom(action.death, action.appends, action.cut, () => {
          inject(`hub died ${action.death}`);
          hub.die();
          if (!this.over) void this.startHub();
        });
      case 'doom session':
        return session.store.doom(action.death, action.appends, action.cut, () => {
          inject(`session died ${action.death}`);
          this.bury(session);
        });
      case 'stop hub':
        inject('hub stopped');
        return hub?.stop();
      case 'stop session':
        inject('session stopped');
        return session.stop();
      case 'go on':
        for (const each of [...this.hubs, ...this.sessions]) each.go();
        return;
      default:
        action satisfies never;
    }
  }

  private bury(session: SessionLife): void {
    session.die();
    this.hubs.at(-1)?.sessionsChanged();
  }

  private updates(how: (typeof UPDATES)[number]): void {
    inject(`updates: ${how}`);
    if (how === 'repeated') this.api.repeat(3);
    else if (how === 'reversed') this.api.reverse();
    else this.api.forget();
  }

  private damageFile(session: SessionLife, damage: (typeof FILES)[number], cut: number): void {
    const path = this.log(session);
    if (!existsSync(path)) return;
    inject(`file: ${damage}`);
    if (damageFile(path, damage, cut)) this.destroyed.add(session);
  }

  private damageLock(session: SessionLife, damage: (typeof LOCKS)[number]): void {
    inject(`lock: ${damage}`);
    const theft = damageLock(join(this.world.directory, '.locks', `${session.ids.at(-1)}.lock`), damage);
    if (theft) this.thefts.push(theft);
  }

  // ---- how it ends

  /** Lets living sessions fetch what came for questions that no call waits for. */
  private async collect(): Promise<void> {
    const owed = new Set(
      this.questions
        .filter((question) => !question.waits && question.session.alive && !hasEnded(question))
        .map(({ session }) => session),
    );
    for (const session of owed) await this.check(session).catch(() => undefined);
  }

  /** What keeps this history from being over, in words; null when nothing does. */
  private leftToDo(): string | null {
    for (const question of this.questions) {
      if (!question.session.alive) continue;
      if (question.end === 'waiting') return `${question.text} has not returned`;
      // Its call failed before it was asked, or was cancelled.
      if (question.end === 'failed') continue;
      if (!question.waits && !hasEnded(question)) return `${question.text} has not been fetched`;
    }
    if (this.api.unconfirmed > 0) return `${this.api.unconfirmed} updates were not taken`;
    if (offers(this.owner).some((offer) => offer.question !== null && !this.isNobodys(offer)))
      return 'a card is not settled';
    for (const session of this.sessions) {
      if (!session.alive && session.ids.some((id) => existsSync(this.logOf(id))))
        return 'a dead session is not archived';
    }
    return null;
  }

  /**
   * A card that no log can tell of: a hub sent it and did not live to write it down, or the question went with a file that
   * was destroyed. Pressed, it says that nobody asks this any more, and keeps its buttons, since another hub on this token
   * may know it.
   */
  private isNobodys({ message, question }: Offer): boolean {
    const isAsked = this.logs().some((log) => isAskedIn(log, question, message.message_id));
    const last = this.given.findLast(({ on }) => on === message.message_id);
    return !isAsked && last !== undefined && (this.toldOf(last)?.startsWith('No running session asks this') ?? false);
  }

  private async awakeHub(): Promise<void> {
    if (!this.hubs.at(-1)?.alive) await this.startHub();
    this.hubs.at(-1)?.sessionsChanged();
  }

  private async startHub(): Promise<void> {
    this.pids += 1;
    this.hubs.push(await HubLife.start(this.world, this.pids));
  }

  private async startSession(): Promise<void> {
    this.pids += 1;
    this.sessions.push(await SessionLife.start(this.world, this.pids));
  }

  private session(n: number): SessionLife {
    return this.sessions[n % this.sessions.length]!;
  }

  private log(session: SessionLife): string {
    return this.logOf(session.ids.at(-1)!);
  }

  private logOf(id: SessionId): string {
    return join(this.world.directory, `${id}.jsonl`);
  }
}

const LOG_NAME = /[0-9a-f]{12}(\.\d+)?\.jsonl$/;
const DEAD_WATCHES = {
  'used up': (() => {
    throw Object.assign(new Error('EMFILE: too many open files, watch'), { code: 'EMFILE' });
  }) as unknown as typeof watch,
  mute: (() => Object.assign(new EventEmitter(), { close: () => undefined })) as unknown as typeof watch,
};

function inject(kind: string): void {
  count('injected', `history: ${kind}`);
}

const hasEnded = ({ heard }: Question): boolean => heard.some(({ status }) => status !== 'pending');

function recordsIn(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return []; // Torn by a crash.
      }
    });
}

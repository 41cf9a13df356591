import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, type watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { SessionId } from '../../../src/domain/ids.ts';
import { newWebToken } from '../../../src/runtime/web-place.ts';
import { type BotApi, startBotApi } from '../bot-api/bot-api.ts';
import type { Offer } from '../phone.ts';
import type { Asked } from '../waiting-line.ts';
import type { Action, How } from './history-actions.ts';
import { damageFile, damageLock, loseClaims, recordsIn } from './history-damage.ts';
import { type FILES, type LOCKS, NETWORK, type UPDATES, type WATCHES } from './history-kinds.ts';
import { HubLife, SessionLife, type World } from './history-parts.ts';
import { HistoryPerson } from './history-person.ts';
import { count } from './injected.ts';
import type { MortalStore } from './mortal-store.ts';
import { isAskedIn } from './promises.ts';
import { realNow, shiftClock } from './shifted-clock.ts';

// In memory where there is such a place: a disk would make thousands of histories wait for its syncs.
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const QUESTIONS_MAX = 4;
const SESSIONS_MAX = 3;
const HUBS_MAX = 2;
const END_MS_MAX = 60_000;
const PATIENCE_MS = 500;

/** One question of a history, and what became of it at the asking end. */
interface Question {
  readonly number: number;
  readonly text: string;
  readonly session: SessionLife;
  readonly cancel: AbortController;
  readonly how: How;
  /** What every tool that spoke of it said, in order. */
  readonly heard: Asked[];
  /** What the asking call came to. */
  end: 'waiting' | 'returned' | 'failed';
  /** What the hook of a permission decided; null: nothing. */
  decision: 'allow' | 'deny' | null;
}

/** Real sessions, hubs and files and a Bot API in one process, with a person. */
export class History {
  readonly directory = mkdtempSync(join(PLACE, 'swb-h-'));
  readonly hubs: HubLife[] = [];
  readonly sessions: SessionLife[] = [];
  readonly questions: Question[] = [];
  readonly person: HistoryPerson;
  /** The words of the person that each session has heard, as often as it has. */
  readonly heardWords = new Map<SessionLife, string[]>();
  /** Sessions of which a fault destroyed what only their file held. */
  readonly destroyed = new Set<SessionLife>();
  /** Telegram has forgotten updates that no hub had fetched. */
  updatesLost = false;
  private readonly api: BotApi;
  private readonly world: World;
  private readonly thefts: NodeJS.Timeout[] = [];
  /** Other writers, to the end. */
  private readonly rivals: NodeJS.Timeout[] = [];
  private watchMode: (typeof WATCHES)[number] | null = null;
  private pids = 100;
  private over = false;

  private constructor(api: BotApi) {
    this.api = api;
    this.person = new HistoryPerson(api, () => this.hubs.at(-1)?.page ?? null);
    this.world = {
      home: this.directory,
      webToken: newWebToken(),
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
    this.person.see();
    switch (action.do) {
      case 'ask':
        return this.ask(this.session(action.session), action.how);
      case 'press':
        return this.person.press(this.person.offer(action.offer));
      case 'text':
        return this.person.text(this.person.offer(action.offer));
      case 'page':
        inject('answered on the page');
        return this.person.page(this.person.offer(action.offer), action.confirmed);
      case 'tell':
        inject(`word by ${action.by}`);
        return this.person.word(this.session(action.session).ids.at(-1)!, action.by);
      case 'check':
        return void this.check(this.session(action.session)).catch(() => undefined);
      case 'tool ran':
        return void this.toolRan(this.session(action.session)).catch(() => undefined);
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
      this.person.see();
      await this.collect();
      const left = this.leftToDo();
      if (left === null) return;
      if (performance.now() > deadline) throw new Error(`Not over after ${END_MS_MAX} ms: ${left}\n${this.describe()}`);
      await this.awakeHub();
      for (const offer of this.person.offers()) {
        const key = `${offer.message.message_id}:${offer.message.edits}`;
        const before = pressed.get(key);
        if (!['answer', 'confirm', 'open'].includes(offer.verb)) continue;
        if (before !== undefined && performance.now() - before < PATIENCE_MS) continue;
        if (this.isNobodys(offer)) continue;
        pressed.set(key, performance.now());
        this.person.press(offer);
      }
      await sleep(3);
    }
  }

  async close(): Promise<void> {
    this.over = true;
    this.person.leave();
    for (const other of [...this.thefts, ...this.rivals]) clearInterval(other);
    for (const session of this.sessions) session.die();
    for (const hub of this.hubs) hub.die();
    await this.api.close();
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

  describe(): string {
    const questions = this.questions.map(({ text, end, heard, decision }) => [text, end, heard, decision]);
    const given = this.person.given.map((each) => [each.number, each.answer, each.told()]);
    const words = this.person.words.map((each) => [each.text, each.told()]);
    const heard = [...this.heardWords.values()];
    const messages = this.person.phone();
    return JSON.stringify({ questions, given, words, heard, messages, logs: this.logs() }, null, 1);
  }

  // ---- what people and Claude do

  private ask(session: SessionLife, how: How): void {
    if (this.questions.length >= QUESTIONS_MAX || !session.alive) return;
    const number = this.questions.length;
    const cancel = new AbortController();
    const text = `Question ${number}?`;
    const question: Question = { number, text, session, cancel, how, heard: [], end: 'waiting', decision: null };
    this.questions.push(question);
    const asked = isPermission(question) ? this.askPermission(question) : this.askQuestion(question);
    asked.then(
      () => {
        question.end = 'returned';
      },
      () => {
        question.end = 'failed';
      },
    );
  }

  private async askQuestion(question: Question): Promise<void> {
    const { number, text, session, how, cancel } = question;
    if (how === 'expires') inject('question expired');
    const input = {
      question: text,
      options: [`${number} yes`, `${number} no`],
      wait: how !== 'later',
      timeout_minutes: how === 'expires' ? 1 : 1_440,
    };
    const { structuredContent } = await this.call(session, 'ask_blocking_question', input, cancel.signal);
    question.heard.push(structuredContent as unknown as Asked);
  }

  /** As the hook of Claude Code does. */
  private async askPermission(question: Question): Promise<void> {
    const { number, session, how, cancel } = question;
    inject(`${how} asked`);
    const tool_input = { command: `${how === 'permission' ? 'ls' : 'rm -rf'} build-${number}` };
    const input = { tool_name: 'Bash', tool_input: JSON.stringify(tool_input), permission_suggestions: '[]' };
    const said = await this.hook(session, 'PermissionRequest', input, cancel.signal);
    const { hookSpecificOutput: output } = JSON.parse(said) as {
      hookSpecificOutput?: { decision?: { behavior: 'allow' | 'deny' } };
    };
    question.decision = output?.decision?.behavior ?? null;
  }

  /** Whatever Claude does, the words of the person come along. */
  private async toolRan(session: SessionLife): Promise<void> {
    const said = await this.hook(session, 'PostToolUse', { tool_name: 'Read', tool_input: '{}' });
    for (const [, text, answer = ''] of said.matchAll(ANSWERED)) {
      const question = this.questions.find((each) => each.text === text);
      const ids = this.questionIds(({ question: asked }) => asked === text);
      // Whose log was destroyed cannot be told any more.
      if (ids.length === 1) question?.heard.push({ question_id: String(ids[0]), status: 'answered', answer });
    }
  }

  private async hook(session: SessionLife, event: string, fields: object, signal?: AbortSignal): Promise<string> {
    const given = { event, session_id: 'claude-1', agent_id: '', cwd: '/nowhere', ...fields };
    const { content } = await this.call(session, 'claude_code_hook', given, signal);
    return (content as { text: string }[])[0]?.text ?? '';
  }

  private async check(session: SessionLife): Promise<void> {
    const { structuredContent } = await this.call(session, 'check_question_answers', {});
    const { questions } = structuredContent as { questions: (Asked & { question: string })[] };
    for (const told of questions) this.questions.find(({ text }) => text === told.question)?.heard.push(told);
  }

  private async call(session: SessionLife, name: string, input: object, signal?: AbortSignal): Promise<CallToolResult> {
    const result = (await session.client.callTool({ name, arguments: { ...input } }, undefined, {
      timeout: END_MS_MAX,
      ...(signal ? { signal } : {}),
    })) as CallToolResult;
    if (result.isError) throw new Error(JSON.stringify(result.content));
    const { structuredContent, content } = result;
    const words = JSON.stringify(structuredContent ?? content).match(/word \d+!|text \d+/g) ?? [];
    this.heardWords.set(session, [...(this.heardWords.get(session) ?? []), ...words]);
    return result;
  }

  private cancel(n: number): void {
    const question = this.questions[n % Math.max(1, this.questions.length)];
    if (question?.end !== 'waiting') return;
    inject('call cancelled');
    question.cancel.abort('Esc');
  }

  /** The ids under which the logs hold such a question. */
  questionIds(is: (record: Record<string, unknown>) => boolean): unknown[] {
    const records = this.logs().flat();
    return [...new Set(records.filter((record) => record.type === 'question' && is(record)).map(({ id }) => id))];
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
    else {
      this.updatesLost = true;
      this.api.forget();
    }
  }

  private damageFile(session: SessionLife, damage: (typeof FILES)[number], cut: number): void {
    const path = this.log(session);
    if (!existsSync(path)) return;
    inject(`file: ${damage}`);
    if (damage === 'losing claims') this.rivals.push(loseClaims(path));
    else if (damageFile(path, damage, cut)) this.destroyed.add(session);
  }

  private damageLock(session: SessionLife, damage: (typeof LOCKS)[number]): void {
    inject(`lock: ${damage}`);
    const theft = damageLock(join(this.world.directory, '.locks', `${session.ids.at(-1)}.lock`), damage);
    if (theft) this.thefts.push(theft);
  }

  // ---- how it ends

  /** Lets living sessions fetch what came for questions that no call waits for. */
  private async collect(): Promise<void> {
    const owed = new Set([
      ...this.questions.filter(isOwed).map(({ session }) => session),
      ...this.unheardWords().map(({ session }) => session),
    ]);
    for (const session of owed) await this.check(session).catch(() => undefined);
  }

  /** What keeps this history from being over, in words; null when nothing does. */
  private leftToDo(): string | null {
    for (const question of this.questions) {
      if (!question.session.alive) continue;
      if (question.end === 'waiting') return `${question.text} has not returned`;
      // Its call failed before it was asked, or was cancelled.
      if (question.end === 'failed') continue;
      if (isOwed(question)) return `${question.text} has not been fetched`;
    }
    for (const { text } of this.unheardWords()) return `${text} has not been heard`;
    if (this.api.unconfirmed > 0) return `${this.api.unconfirmed} updates were not taken`;
    if (this.person.offers().some((offer) => offer.question !== null && !this.isNobodys(offer)))
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
  private isNobodys({ message, question, verb }: Offer): boolean {
    // As long as its session lives and its log was not destroyed, every card of a question is somebody's.
    const [, number] = /(?:Question |build-)(\d+)/.exec(message.text ?? '') ?? [];
    const asker = this.questions[Number(number ?? -1)]?.session;
    if (verb === 'answer' && asker?.alive && !this.destroyed.has(asker)) return false;
    const isAsked = this.logs().some((log) => isAskedIn(log, question, message.message_id));
    const last = this.person.given.findLast(({ on }) => on === message.message_id);
    return !isAsked && (last?.told()?.startsWith('No running session asks this') ?? false);
  }

  /** What stands in the log of a session that lives, and Claude has not been told. */
  private unheardWords(): { text: string; session: SessionLife }[] {
    if (this.person.words.length === 0) return [];
    return this.sessions
      .filter(({ alive }) => alive)
      .flatMap((session) => {
        const written = recordsIn(this.log(session)).filter(({ type }) => type === 'message');
        const heard = this.heardWords.get(session) ?? [];
        const unheard = written.map(({ text }) => String(text)).filter((text) => !heard.includes(text));
        return unheard.map((text) => ({ text, session }));
      });
  }

  private async awakeHub(): Promise<void> {
    if (!this.hubs.at(-1)?.alive) await this.startHub();
    this.hubs.at(-1)?.sessionsChanged();
  }

  private async startHub(): Promise<void> {
    this.pids += 1;
    const hub = await HubLife.start(this.world, this.pids);
    this.hubs.push(hub);
    // It would poll a port that is another history's by then, and take its updates.
    if (this.over) hub.die();
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

const ANSWERED = /Your question \\"(Question \d+\?)\\" was answered \([^)]*\):\\n((?:[^"\\])+)/g;

const isPermission = ({ how }: Question): boolean => how === 'permission' || how === 'dangerous permission';

/** Has Claude still to fetch what became of it? */
const isOwed = ({ how, session, heard }: Question): boolean =>
  how === 'later' && session.alive && heard.every(({ status }) => status === 'pending');

import { randomUUID } from 'node:crypto';
import { type GivenChoice, InvalidAnswerError, resolveAnswer } from '../../src/domain/answer-input.ts';
import {
  type EventId,
  parseQuestionId,
  parseSessionId,
  type QuestionId,
  type SessionId,
} from '../../src/domain/ids.ts';
import type { Presence } from '../../src/domain/presence.ts';
import type { Person, QuestionRecord } from '../../src/domain/records.ts';
import { ChangeListeners } from '../../src/relay/change-listeners.ts';
import type {
  Admission,
  Card,
  CardState,
  Changes,
  Channel,
  GivenFiles,
  Press,
  RelayDesk,
  SessionName,
  SessionSummary,
  Verdict,
  Word,
  WordVerdict,
} from '../../src/relay/channel.ts';
import { Confirmations } from '../../src/relay/confirmations.ts';
import { ChannelError } from '../../src/relay/errors.ts';
import { memoryPresence } from './memory-presence.ts';

/** A relay without files: questions live in memory, the first answer wins, cards are settled as the real one does. */
export class MemoryDesk implements RelayDesk {
  readonly answers: Press[] = [];
  /** What was in the files of the answers, in order. */
  readonly received: { readonly name: string; readonly content: string }[] = [];
  readonly owners: Set<string>;
  /** What the next answers meet instead of being recorded, one each: a verdict, or an error to throw. */
  readonly mishaps: (Verdict | Error)[] = [];
  /** The cause of every answer that was brought, in order. */
  readonly causes: string[] = [];
  /** What recording an answer waits for. */
  answerGate: Promise<void> = Promise.resolve();
  /** What reading all there is waits for. */
  readyGate: Promise<void> = Promise.resolve();
  /** How often somebody asked to try failed cards again. */
  retries = 0;
  channel: Channel | null = null;
  readonly #cards = new Map<QuestionId, Card>();
  readonly #refs = new Map<QuestionId, string[]>();
  readonly #verdicts = new Map<string, Verdict>();
  readonly #changes = new ChangeListeners();

  constructor(...owners: number[]) {
    this.owners = new Set(owners.map(String));
  }

  /** Asks a question and shows it in every chat; resolves when it is shown. */
  async ask(question: string, more: Partial<Card> = {}): Promise<Card> {
    const card = this.add(question, more);
    await this.show(card);
    return card;
  }

  /** Asks a question that no channel shows yet. */
  add(question: string, more: Partial<Card> = {}): Card {
    const card: Card = {
      question_id: parseQuestionId(randomUUID()),
      session: { id: parseSessionId(randomUUID()), title: 'shop · main', project: 'shop' },
      kind: 'question',
      question,
      options: [],
      multi_select: false,
      allow_text: true,
      asked_at: new Date(Date.now() - 60_000).toISOString(),
      state: { status: 'pending' },
      ...more,
    };
    this.#set(card);
    return card;
  }

  #set(card: Card): void {
    this.#cards.set(card.question_id, card);
    this.#changes.question(card.question_id);
    this.#changes.sessions();
  }

  async show(card: Card): Promise<string[]> {
    const channel = this.#channel();
    const refs = await Promise.all(channel.chats().map((chat) => channel.show(card, chat)));
    this.#refs.set(card.question_id, refs);
    return refs;
  }

  /** Ends a question, and settles its cards; resolves when they are settled. */
  async end(id: QuestionId, state: CardState): Promise<void> {
    const card = { ...this.#cards.get(id)!, state };
    this.#set(card);
    const channel = this.#channel();
    await Promise.all((this.#refs.get(id) ?? []).map((ref) => channel.settle(ref, card)));
  }

  /** Claude has the answer. */
  deliver(id: QuestionId): Promise<void> {
    const { state } = this.#cards.get(id)!;
    if (state.status !== 'answered') throw new Error('Nothing to deliver.');
    return this.end(id, { ...state, delivered: true });
  }

  /** The session is called something else from now on. */
  rename(session: SessionName, title: string): void {
    for (const card of this.#cards.values()) {
      if (card.session.id === session.id) this.#set({ ...card, session: { ...session, title } });
    }
  }

  /** The session is gone, with all it asked. */
  forget(id: QuestionId): void {
    this.#cards.delete(id);
    this.#changes.sessions();
  }

  ready(): Promise<void> {
    return this.readyGate;
  }

  async answer(press: Press): Promise<Verdict> {
    this.causes.push(press.cause);
    await this.answerGate;
    const mishap = this.mishaps.shift();
    if (mishap instanceof Error) throw mishap;
    if (mishap) return mishap;
    const before = this.#verdicts.get(press.cause);
    if (before) return before;
    try {
      const verdict = this.#judge(press, 'caption' in press.given ? await this.#receive(press.given) : press.given);
      this.#verdicts.set(press.cause, verdict);
      return verdict;
    } catch (error) {
      if (error instanceof ChannelError) return { verdict: 'failed', message: error.message };
      throw error;
    }
  }

  /** What people told sessions, in order. */
  readonly words: Word[] = [];
  /** What becomes of the next words, one each; else they are delivered. */
  readonly wordVerdicts: WordVerdict[] = [];
  readonly #presence = memoryPresence();
  /** What must be approved twice. */
  confirmations = new Confirmations(undefined);

  async tell(word: Word): Promise<WordVerdict> {
    if (!this.isOwner(word.person)) return { verdict: 'not_allowed' };
    const live = this.sessions().find(({ name }) => name.id === word.session);
    if (!live) return { verdict: 'ended' };
    this.words.push(word);
    return this.wordVerdicts.shift() ?? { verdict: 'written', session: live.name, delivered: Promise.resolve(true) };
  }

  toldBy(cause: EventId): SessionId | null {
    return this.words.find((word) => word.cause === cause)?.session ?? null;
  }

  presence(): Presence {
    return this.#presence.read();
  }

  setAway(away: boolean, session?: SessionId): Presence {
    const presence = this.#presence.set(away, session);
    this.#changes.presence();
    return presence;
  }

  answeredBy(cause: EventId): Card | null {
    const before = this.#verdicts.get(cause);
    return before && (before.verdict === 'recorded' || before.verdict === 'recorded_late') ? before.card : null;
  }

  isOwner(person: Person): boolean {
    return this.owners.has(person.id);
  }

  /** The code that makes an owner of whoever shows it first; null: there is none. */
  code: string | null = null;

  admit(person: Person, code: string): Admission {
    if (this.isOwner(person)) return { admission: 'owner_already' };
    if (code !== this.code) return { admission: 'refused' };
    this.code = null;
    this.owners.add(person.id);
    return { admission: 'admitted' };
  }

  retryCards(): void {
    this.retries += 1;
  }

  inbox(): readonly Card[] {
    return [...this.#cards.values()].filter(({ state }) => state.status === 'pending');
  }

  recent(limit: number): readonly Card[] {
    const ended = [...this.#cards.values()].filter(({ state }) => state.status !== 'pending');
    return ended.slice(-limit).reverse();
  }

  onChange(listener: (changes: Changes) => void): () => void {
    return this.#changes.add(listener);
  }

  refs(question: QuestionId): ReadonlyMap<string, string> {
    return new Map((this.#refs.get(question) ?? []).map((ref) => [ref.split(':')[0] ?? '', ref]));
  }

  card(question: QuestionId): Card | null {
    return this.#cards.get(question) ?? null;
  }

  wasOpen(question: QuestionId): boolean {
    return this.card(question)?.state.status === 'pending';
  }

  sessions(): readonly SessionSummary[] {
    const sessions = new Map<string, SessionSummary>();
    for (const { session, asked_at, state } of this.#cards.values()) {
      const pending = (sessions.get(session.id)?.pending ?? 0) + (state.status === 'pending' ? 1 : 0);
      sessions.set(session.id, { name: session, started_at: asked_at, pending });
    }
    return [...sessions.values()];
  }

  /** Fetches files as the real one does, and keeps them nowhere. */
  async #receive({ caption, files }: GivenFiles): Promise<GivenChoice> {
    const kept = [];
    for (const { name, mime, read } of files) {
      const content = Buffer.from(await read());
      this.received.push({ name, content: content.toString('utf8') });
      kept.push({ path: `/files/${name}`, name, ...(mime ? { mime } : {}), bytes: content.length });
    }
    return { text: caption, files: kept };
  }

  #judge(press: Press, choice: GivenChoice): Verdict {
    if (!this.isOwner(press.person)) return { verdict: 'not_allowed' };
    const card = this.#cards.get(press.question_id);
    if (!card) return { verdict: 'unknown_question' };
    if (card.state.status === 'answered') return { verdict: 'already_answered', card };
    try {
      const given = resolveAnswer(card as unknown as QuestionRecord, choice);
      if (card.state.status === 'closed') return this.#judgeLate(press, card, given.answer);
      const unconfirmed = this.#confirm(press, card, given);
      if (unconfirmed) return unconfirmed;
      this.answers.push(press);
      const answered_at = new Date().toISOString();
      const state = { status: 'answered', ...given, answered_by: press.person, answered_at, delivered: false } as const;
      void this.end(press.question_id, state).catch(() => undefined);
      return { verdict: 'recorded', card: { ...card, state } };
    } catch (error) {
      if (error instanceof InvalidAnswerError) return { verdict: 'invalid', message: error.message };
      throw error;
    }
  }

  #confirm(press: Press, card: Card, given: { readonly answer: string; readonly selected?: string[] }): Verdict | null {
    if (!given.selected && this.confirmations.isStrayPin(card, given.answer)) {
      return { verdict: 'invalid', message: 'This may be a PIN; nothing was recorded.' };
    }
    const confirmation = this.confirmations.judge(card, given, press);
    if (confirmation.is === 'missing') {
      const option = card.options.findIndex(({ label }) => label === given.selected?.[0]);
      return { verdict: 'confirm', card, option, dangers: card.permission?.dangers ?? [], pin: confirmation.pin };
    }
    if (confirmation.is !== 'wrong_pin') return null;
    return { verdict: 'wrong_pin', card, attempts_left: confirmation.attempts_left };
  }

  #judgeLate(press: Press, card: Card, answer: string): Verdict {
    if (card.state.status !== 'closed' || card.state.reason !== 'expired') return { verdict: 'closed', card };
    const state = { ...card.state, lateAnswer: { answer, answered_by: press.person } };
    this.answers.push(press);
    void this.end(press.question_id, state).catch(() => undefined);
    return { verdict: 'recorded_late', card: { ...card, state } };
  }

  #channel(): Channel {
    if (!this.channel) throw new Error('The desk has no channel yet.');
    return this.channel;
  }
}

/** A session with that label; `n` below 1,000 tells several with the same label apart. */
export function session(title: string, n = 0): SessionName {
  return {
    id: parseSessionId(`0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7${String(n).padStart(3, '0')}`),
    title,
    project: 'shop',
  };
}

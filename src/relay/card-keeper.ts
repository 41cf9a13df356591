import { errorDraft, settledDraft, shownDraft } from '../domain/drafts.ts';
import type { Draft } from '../domain/records.ts';
import { cardKey, type QuestionState } from '../domain/session-state.ts';
import type { Logger } from '../runtime/log.ts';
import type { Timings } from '../runtime/timings.ts';
import type { Card, Channel } from './channel.ts';
import { ChannelError } from './errors.ts';

/** What a keeper needs of the session whose cards it keeps. */
export interface KeeperSession {
  /** The question as the log tells it now; undefined once the session is gone. */
  question(): QuestionState | undefined;
  card(question: QuestionState): Card;
  /** Does its card wait for somebody at the desk? Then the keeper is poked when that is over. */
  isHeld(question: QuestionState): boolean;
  /** Appends to the session's log and takes the record in. Rejects with a StoreError. */
  append(draft: Draft): Promise<void>;
  /** Called whenever the keeper got further, so that a finished session may be archived. */
  advanced(): void;
}

type Step = { readonly kind: 'show' } | { readonly kind: 'settle'; readonly ref: string; readonly stage: Stage };
type Stage = 'ended' | 'delivered';

/**
 * Keeps one card (a question in one chat of one channel) as the log says it shall be: shows it, settles it, and tries
 * again with back-off for as long as that can help. What it has done stands in the log, so a new hub goes on from there.
 */
export class CardKeeper {
  private readonly channel: Channel;
  private readonly chat: string;
  private readonly session: KeeperSession;
  private readonly log: Logger;
  private readonly timings: Pick<Timings, 'retryMin' | 'retryMax'>;
  private readonly signal: AbortSignal;
  private readonly inFlight = new Set<string>();
  private ref: string | null = null;
  private gaveUpShowing = false;
  private failures = 0;
  private retry: NodeJS.Timeout | null = null;

  constructor(
    place: { channel: Channel; chat: string },
    session: KeeperSession,
    tools: { log: Logger; timings: Pick<Timings, 'retryMin' | 'retryMax'>; signal: AbortSignal },
  ) {
    this.channel = place.channel;
    this.chat = place.chat;
    this.session = session;
    this.log = tools.log;
    this.timings = tools.timings;
    this.signal = tools.signal;
  }

  /** Is this the keeper of that place? */
  keeps(channel: Channel, chat: string): boolean {
    return this.channel === channel && this.chat === chat;
  }

  /** Is there anything left to do, now or later? */
  get owes(): boolean {
    return this.inFlight.size > 0 || this.nextStep() !== null;
  }

  /** Looks at what the log says and does the next step, unless that is under way or waits for its retry. */
  poke(): void {
    if (this.signal.aborted || this.retry) return;
    const step = this.nextStep();
    if (!step) return;
    const name = step.kind === 'show' ? 'show' : step.stage;
    // A card must be there before it can be settled; but a settling that says more may overtake one that waits.
    if (this.inFlight.has(name) || this.inFlight.has('show')) return;
    this.inFlight.add(name);
    this.take(step).then(
      () => {
        this.inFlight.delete(name);
        // A log that vanished or was replaced in this moment has not taken it; at once it would not the next time either.
        if (isSame(this.nextStep(), step)) return this.failed(step, new Error('the session file did not take it'));
        this.failures = 0;
        this.session.advanced();
        this.poke();
      },
      (error: unknown) => {
        this.inFlight.delete(name);
        this.failed(step, error);
      },
    );
  }

  /** The channel works again, or a person has opened the chat: what failed before may go well now. */
  hurry(): void {
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
    this.gaveUpShowing = false;
    this.failures = 0;
    this.poke();
  }

  private nextStep(): Step | null {
    const question = this.session.question();
    if (!question) return null;
    const key = cardKey(this.channel.name, this.chat);
    const shown = question.shown.get(key);
    if (!shown) {
      const show = question.status === 'pending' && !this.gaveUpShowing && this.channel.chats().includes(this.chat);
      return show && !this.session.isHeld(question) ? { kind: 'show' } : null;
    }
    if (question.status === 'pending') return null;
    const stage: Stage = question.deliveredAt || question.lateDeliveredAt ? 'delivered' : 'ended';
    const settled = question.settled.get(key);
    return settled === stage || settled === 'delivered' ? null : { kind: 'settle', ref: shown.ref, stage };
  }

  private async take(step: Step): Promise<void> {
    const question = this.session.question();
    if (!question) return;
    const card = this.session.card(question);
    const place = { question_id: card.question_id, channel: this.channel.name, chat: this.chat };
    if (step.kind === 'show') {
      // When only the writing down failed, the card is there already: it is not shown twice.
      this.ref ??= await this.channel.show(card, this.chat);
      await this.session.append(shownDraft(place, this.ref));
      return;
    }
    try {
      await this.channel.settle(step.ref, card);
    } catch (error) {
      if (!(error instanceof ChannelError && error.permanent)) throw error;
      this.report(step, error.message);
    }
    await this.session.append(settledDraft(place, step.stage));
  }

  private failed(step: Step, error: unknown): void {
    if (this.signal.aborted) return;
    const question_id = this.session.question()?.record.id;
    const message = error instanceof Error ? error.message : String(error);
    const permanent = error instanceof ChannelError && error.permanent;
    this.log.warn(
      { question_id, channel: this.channel.name, step: step.kind, permanent, error: message },
      'card failed',
    );
    this.report(step, message);
    if (permanent && step.kind === 'show') {
      this.gaveUpShowing = true;
      this.session.advanced();
      return;
    }
    const wait = Math.min(this.timings.retryMax, this.timings.retryMin * 2 ** this.failures);
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.poke();
    }, wait).unref();
  }

  /** One record per card and step, however often it fails: the waiting tool's progress tells it to Claude. */
  private report(step: Step, message: string): void {
    const question_id = this.session.question()?.record.id;
    if (!question_id) return;
    const code = step.kind === 'show' ? 'CARD_NOT_SHOWN' : 'CARD_NOT_SETTLED';
    const draft = errorDraft({ code, message, question_id }, question_id, this.channel.name, this.chat);
    this.session.append(draft).catch((error: unknown) => {
      this.log.warn({ question_id, error: String(error) }, 'could not record that a card failed');
    });
  }
}

function isSame(a: Step | null, b: Step): boolean {
  if (a?.kind !== 'settle' || b.kind !== 'settle') return a?.kind === b.kind;
  return a.stage === b.stage;
}

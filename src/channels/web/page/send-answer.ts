import type { AnswerRequest, AnswerResponse } from '../wire.ts';
import { announce } from './announcer.tsx';
import { dropDraft } from './drafts.ts';
import { askHub, connection, UnreachableError } from './hub.ts';
import { inbox, takeCard } from './inbox.ts';
import { type Confirming, isOpen, type Sending, withSending } from './inbox-state.ts';

const RETRY_MS_MIN = 400;
const RETRY_MS_MAX = 5_000;

/** Indexes of options, or words. */
export type Given = { readonly options: readonly number[] } | { readonly text: string };

interface Act {
  readonly content: string;
  readonly press_id: string;
}

// One act is one press_id, however often it is sent: an answer whose confirmation was lost is not given twice. Another
// content is another act.
const acts = new Map<string, Act>();

/** Says yes again to what is dangerous, with all of it in sight, and with the PIN where one is asked for. */
export function sendConfirmed(question: string, confirming: Confirming, pin?: string): Promise<boolean> {
  return send(question, confirming.given, { confirmed: true, ...(pin === undefined ? {} : { pin }) }, confirming);
}

/** Takes back what is to be confirmed. */
export function cancelConfirming(question: string): void {
  inbox.set(withSending(inbox.now, question, undefined));
}

/**
 * Sends an answer and says on its card how that went. As long as the hub cannot be reached it is sent again and again,
 * until the question has ended. Resolves with whether the hub took it.
 */
export function sendAnswer(question: string, given: Given): Promise<boolean> {
  return send(question, given, {});
}

async function send(
  question: string,
  given: Given,
  more: Pick<AnswerRequest, 'confirmed' | 'pin'>,
  confirming?: Confirming,
): Promise<boolean> {
  const request: AnswerRequest = { question_id: question, press_id: pressId(question, given), ...given, ...more };
  say(question, { step: 'sending', ...(confirming ? { confirming } : {}) });
  for (let attempt = 0; ; attempt += 1) {
    try {
      return took(question, given, await askHub<AnswerResponse>('/api/answer', { body: request }), confirming);
    } catch (error) {
      if (!(error instanceof UnreachableError)) return refuse(question, error);
      say(question, { step: 'retrying', message: 'Not sent yet: the hub cannot be reached. Trying again …' });
      await pause(Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** attempt));
      if (!stillOpen(question)) return false;
    }
  }
}

function pressId(question: string, given: Given): string {
  const content = JSON.stringify(given);
  const known = acts.get(question);
  if (known?.content === content) return known.press_id;
  const act = { content, press_id: crypto.randomUUID() };
  acts.set(question, act);
  return act.press_id;
}

function took(question: string, given: Given, response: AnswerResponse, confirming?: Confirming): boolean {
  const { ok, message, card, confirm, verdict } = response;
  if (confirm && card) return ask(question, message, { given, card, ...confirm });
  // A wrong PIN may be typed again.
  if (verdict === 'wrong_pin' && confirming) return ask(question, message, confirming);
  say(question, { step: ok ? 'taken' : 'refused', message });
  announce(message);
  if (ok) dropDraft(question);
  if (card) takeCard(card);
  return ok;
}

function ask(question: string, message: string, confirming: Confirming): false {
  say(question, { step: 'confirm', message, confirming });
  announce(message);
  return false;
}

function refuse(question: string, error: unknown): boolean {
  const why = error instanceof Error ? error.message : String(error);
  say(question, { step: 'refused', message: why });
  announce(why);
  return false;
}

function say(question: string, sending: Sending): void {
  inbox.set(withSending(inbox.now, question, sending));
}

function stillOpen(question: string): boolean {
  return inbox.now.open.some((entry) => entry.card.question_id === question && isOpen(entry));
}

/** Waits, or until the hub is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      unfollow();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const unfollow = connection.follow(() => {
      if (connection.now.state === 'live') end();
    });
  });
}

import type { PageCard } from '../wire.ts';
import { showCard } from './focus.ts';
import { Value } from './value.ts';

// Desktop notifications: only for who pressed the button that asks for them, only while the page is in the background.

/** Questions that come within this time are told together. */
const GATHER_MS = 300;
const PREVIEW_CHARS = 140;
const SWITCH = 'switchboard.notifications';

export type Notifying = 'impossible' | 'refused' | 'off' | 'on';

export const notifying = new Value<Notifying>(current());

// Switched in another tab.
window.addEventListener('storage', () => notifying.set(current()));

const shown = new Map<string, Notification>();
let waiting: PageCard[] = [];

/** Turns notifications on, asking the browser's permission where it has not been given, or off. */
export async function switchNotifications(): Promise<void> {
  const on = notifying.now !== 'on';
  if (on && Notification.permission === 'default') await Notification.requestPermission();
  localStorage.setItem(SWITCH, on ? 'on' : 'off');
  notifying.set(current());
}

/** Tells of new cards, unless the page is in front. */
export function notifyOfNews(cards: readonly PageCard[]): void {
  if (cards.length === 0 || notifying.now !== 'on' || isInFront()) return;
  if (waiting.length === 0) setTimeout(tell, GATHER_MS);
  waiting = [...waiting, ...cards];
}

/** Takes a notification back whose question has ended. */
export function withdrawNotification(question: string): void {
  shown.get(question)?.close();
  shown.delete(question);
  waiting = waiting.filter(({ question_id }) => question_id !== question);
}

function tell(): void {
  const cards = waiting;
  waiting = [];
  const [first] = cards;
  if (!first || isInFront()) return;
  const titles = [...new Set(cards.map(({ session }) => session.title))];
  const notification =
    cards.length === 1
      ? new Notification(first.session.title, { body: previewOf(first.question), tag: first.question_id })
      : new Notification(`${cards.length} new questions`, { body: titles.join(', '), tag: 'switchboard' });
  if (cards.length === 1) shown.set(first.question_id, notification);
  notification.onclick = () => {
    window.focus();
    showCard(first.question_id);
    notification.close();
  };
}

function previewOf(text: string): string {
  return text.length > PREVIEW_CHARS ? `${text.slice(0, PREVIEW_CHARS - 1)}…` : text;
}

function isInFront(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

function current(): Notifying {
  if (!('Notification' in window)) return 'impossible';
  if (Notification.permission === 'denied') return 'refused';
  return Notification.permission === 'granted' && localStorage.getItem(SWITCH) === 'on' ? 'on' : 'off';
}

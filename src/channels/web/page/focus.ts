import { goTo } from './router.ts';

// Cards are found in the page itself: what is focused is the one truth about which card is current.

/** The element of one card. */
export function cardElement(question: string): HTMLElement | null {
  return document.getElementById(`card-${question}`);
}

/** The card that holds the focus. */
export function currentCard(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>('.card') ?? null;
}

/** Cards that still take an answer, in the order of the page. */
export function openCards(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.card[data-open]')];
}

/** Gives a card the focus and brings it into view. */
export function focusCard(card: HTMLElement): void {
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: 'nearest' });
}

/** Goes to the inbox and to one card of it. */
export function showCard(question: string): void {
  goTo('/');
  requestAnimationFrame(() => {
    const card = cardElement(question);
    if (card) focusCard(card);
  });
}

/**
 * After an answer: on to the next open card, unless the person has gone elsewhere meanwhile. Nothing scrolls for
 * who used the mouse or a finger.
 */
export function focusNext(question: string, byKeyboard: boolean): void {
  const card = cardElement(question);
  const focused = document.activeElement;
  if (!card || (focused && focused !== document.body && !card.contains(focused))) return;
  const cards = openCards();
  const after = cards.find((other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  const next = after ?? cards[0];
  if (!next) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: !byKeyboard });
  else if (byKeyboard) focusCard(next);
  else next.focus({ preventScroll: true });
}

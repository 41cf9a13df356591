import { goTo } from './router.ts';

// Cards are found in the page itself: what is focused is the one truth about which card is current.

/** Without a key for so long, the next one is meant for what is focused by now. */
const REST_MS = 800;

// Keys in a row are meant for what was there when they began. `moved`: the focus went on by itself meanwhile; `typed`:
// they were typed into a field, and all of them are letters.
let row: 'none' | 'moved' | 'typed' = 'none';
let lastAt = 0;

/** A key of the keyboard that was typed into a field, or that leaves it. */
export function typedInField(key: string): void {
  row = key === 'Escape' || key === 'Tab' ? 'none' : 'typed';
  lastAt = performance.now();
}

/** Was this key pressed for the card that is current now? It is, after a rest, or once the person has chosen a card. */
export function isMeant(key: string): boolean {
  const now = performance.now();
  const chooses =
    ['Escape', 'Tab'].includes(key) || key.startsWith('Arrow') || (row === 'moved' && (key === 'j' || key === 'k'));
  if (chooses || now - lastAt >= REST_MS) row = 'none';
  lastAt = now;
  return row === 'none';
}

/** The person has chosen with mouse or finger. */
export function chosenByHand(): void {
  row = 'none';
}

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
  if (row === 'none') row = 'moved';
  lastAt = performance.now();
  const cards = openCards();
  const after = cards.find((other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  const next = after ?? cards[0];
  if (!next) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: !byKeyboard });
  else if (byKeyboard) focusCard(next);
  else next.focus({ preventScroll: true });
}

import { chosenByHand, currentCard, focusCard, isMeant, openCards, typedInField } from './focus.ts';
import { openHelp } from './help.tsx';

const STEPS: Readonly<Record<string, 1 | -1>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Keys that work anywhere on the page. A key that is typed into a field is the field's own. */
export function listenToKeys(): void {
  document.addEventListener('pointerdown', chosenByHand, { capture: true, passive: true });
  // Ahead of a field that takes the key for itself.
  const note = ({ key, target }: KeyboardEvent) => isField(target) && typedInField(key);
  document.addEventListener('keydown', note, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]')) return;
    const taken = isField(event.target) ? leaveField(event) : isMeant(event.key) && press(event);
    if (taken) event.preventDefault();
  });
}

function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof Element && target.closest('input, textarea, select') !== null;
}

function leaveField({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Escape' || !(target instanceof HTMLElement)) return false;
  const card = target.closest<HTMLElement>('.card');
  if (card) card.focus();
  else target.blur();
  return true;
}

/** Does what a key means; false when it means nothing here. */
function press(event: KeyboardEvent): boolean {
  const { key, target, repeat } = event;
  const step = STEPS[key];
  if (step !== undefined) return moveOn(step, key.startsWith('Arrow'));
  if (repeat) return false;
  if (key === '?') {
    openHelp();
    return true;
  }
  if (key === '/') return focusOn(document.querySelector<HTMLElement>('input[type="search"]'));
  const card = currentCard();
  if (!card) return false;
  if (/^[1-9]$/.test(key)) {
    const option = card.querySelectorAll<HTMLElement>('.option')[Number(key) - 1];
    option?.click();
    return option !== undefined;
  }
  // On a button or a link inside the card Enter is theirs.
  return key === 'Enter' && target === card && enter(card);
}

/** On to the next card, or back. An arrow scrolls through a card that is larger than the window first. */
function moveOn(step: 1 | -1, arrow: boolean): boolean {
  const cards = openCards();
  const current = currentCard();
  if (cards.length === 0) return false;
  if (arrow && (!current || reachesOut(current, step))) return false;
  const at = current ? cards.indexOf(current) : -1;
  const next = at === -1 ? nearest(cards, current, step) : cards[at + step];
  if (next) focusCard(next);
  return true;
}

function nearest(cards: readonly HTMLElement[], current: HTMLElement | null, step: 1 | -1): HTMLElement | undefined {
  if (!current) return cards[0];
  const side = step === 1 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const beside = cards.filter((card) => current.compareDocumentPosition(card) & side);
  return step === 1 ? beside[0] : beside.at(-1);
}

function reachesOut(card: HTMLElement, step: 1 | -1): boolean {
  const { top, bottom } = card.getBoundingClientRect();
  return step === 1 ? bottom > window.innerHeight : top < 0;
}

function enter(card: HTMLElement): boolean {
  const done = card.querySelector<HTMLButtonElement>('.done:not(:disabled)');
  if (done) {
    done.click();
    return true;
  }
  // Never to an option: Enter once more would press it.
  return focusOn(card.querySelector<HTMLElement>('textarea'));
}

function focusOn(element: HTMLElement | null): boolean {
  element?.focus();
  return element !== null;
}

import { FmtString, fmt, join } from 'telegraf/format';
import type { MessageEntity } from 'telegraf/types';
import { cutAt } from '../../domain/text.ts';

/** Text with entities. Nothing in it is markup, so no character can break it. */
export type RichText = FmtString;

/** Telegram's limit for one message, counted in UTF-16 units after entities are parsed. */
export const MESSAGE_UNITS_MAX = 4096;

/** Text without entities. */
export function plain(text: string): RichText {
  return fmt(text);
}

/** Joins texts; entities move along. */
export function joined(parts: readonly (RichText | string)[], separator = ''): RichText {
  return join(parts, separator);
}

/** The units from `from` to `to`, with the entities that lie in them. */
export function slice(rich: RichText, from: number, to: number): RichText {
  const entities: MessageEntity[] = [];
  for (const entity of rich.entities ?? []) {
    const start = Math.max(from, entity.offset);
    const end = Math.min(to, entity.offset + entity.length);
    if (end > start) entities.push({ ...entity, offset: start - from, length: end - start });
  }
  return new FmtString(rich.text.slice(from, to), entities.length > 0 ? entities : undefined);
}

/**
 * Cuts a text into pieces of at most `unitsMax`, at the end of a line or a word where one is near, and not within an
 * entity that fits into a piece whole.
 */
export function split(rich: RichText, unitsMax: number): RichText[] {
  const pieces: RichText[] = [];
  let from = 0;
  while (rich.text.length - from > unitsMax) {
    const near = from + cutAt(rich.text.slice(from, from + unitsMax + 1), unitsMax);
    const to = beforeEntities(rich, near, from + unitsMax / 2);
    pieces.push(slice(rich, from, to));
    from = to;
  }
  if (from < rich.text.length || pieces.length === 0) pieces.push(slice(rich, from, rich.text.length));
  return pieces;
}

/** Fills messages with blocks in their order: one that fits into a message whole is not cut. */
export function pack(blocks: readonly RichText[], unitsMax: number): RichText[] {
  const messages: RichText[] = [];
  let filling: RichText | null = null;
  for (const block of blocks) {
    const together: RichText = filling ? joined([filling, block], '\n\n') : block;
    if (together.text.length <= unitsMax) {
      filling = together;
      continue;
    }
    if (filling) messages.push(filling);
    const pieces = split(block, unitsMax);
    messages.push(...pieces.slice(0, -1));
    filling = pieces.at(-1) ?? null;
  }
  if (filling) messages.push(filling);
  return messages;
}

/** The same of a text with entities. */
export function richBeginning(rich: RichText, unitsMax: number): RichText {
  if (rich.text.length <= unitsMax) return rich;
  const [first = rich] = split(rich, unitsMax - 1);
  const text = first.text.trimEnd();
  return joined([slice(first, 0, text.length), '…']);
}

/** The text in a block quote; one that is folded shows its beginning and opens when it is pressed. */
export function quoted(rich: RichText, { folded }: { readonly folded: boolean }): RichText {
  // The library does not know the folded kind yet.
  const type = (folded ? 'expandable_blockquote' : 'blockquote') as 'blockquote';
  return new FmtString(rich.text, [{ type, offset: 0, length: rich.text.length }, ...(rich.entities ?? [])]);
}

/** The place, or one before it but after `earliest` where no entity is cut in two. */
function beforeEntities({ entities = [] }: RichText, place: number, earliest: number): number {
  const cut = entities.find(({ offset, length }) => offset > earliest && offset < place && offset + length > place);
  return cut ? beforeEntities({ entities } as RichText, cut.offset, earliest) : place;
}

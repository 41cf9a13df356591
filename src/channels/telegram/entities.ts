import type { MessageEntity } from 'telegraf/types';

/** Telegram drops what is beyond, without a word. */
export const ENTITIES_MAX = 100;

/** An entity before Telegram's rules are seen to. The library's types are older than the expandable block quote. */
export interface Entity {
  readonly type:
    | 'bold'
    | 'italic'
    | 'strikethrough'
    | 'code'
    | 'pre'
    | 'text_link'
    | 'blockquote'
    | 'expandable_blockquote';
  /** In UTF-16 units, like all offsets of Telegram's. */
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

const STYLES: readonly string[] = ['bold', 'italic', 'strikethrough'];
const VERBATIM: readonly string[] = ['code', 'pre'];

/**
 * Entities as Telegram takes them. Those given lie one inside the other or apart; code takes no style and no link into
 * it, a style inside the same style says nothing, and what is empty goes.
 */
export function tidyEntities(entities: readonly Entity[]): Entity[] {
  const links = entities.filter(({ type }) => type === 'text_link');
  const kept = entities.filter(
    (entity) => !(VERBATIM.includes(entity.type) && links.some((link) => holds(link, entity))),
  );
  const verbatim = kept.filter(({ type }) => VERBATIM.includes(type));
  return kept
    .flatMap((entity) => (STYLES.includes(entity.type) ? without(entity, verbatim) : [entity]))
    .filter(
      (entity, at, all) => entity.length > 0 && !all.some((other, n) => n !== at && repeats(entity, other, at - n)),
    )
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/** The most important `countMax` entities, in their order: what is verbatim, quoted or linked before mere styles. */
export function limitEntities(
  entities: readonly MessageEntity[] | undefined,
  countMax = ENTITIES_MAX,
): MessageEntity[] | undefined {
  if (!entities || entities.length <= countMax) return entities && [...entities];
  const rank = ({ type }: MessageEntity): number => (STYLES.includes(type) ? 2 : type === 'code' ? 1 : 0);
  const chosen = new Set([...entities].sort((a, b) => rank(a) - rank(b)).slice(0, countMax));
  return entities.filter((entity) => chosen.has(entity));
}

const end = ({ offset, length }: Entity): number => offset + length;

function holds(outer: Entity, inner: Entity): boolean {
  return outer.offset <= inner.offset && end(inner) <= end(outer);
}

/** Is this style there already by the other entity? Of two alike the first one stays. */
function repeats(entity: Entity, other: Entity, later: number): boolean {
  if (entity.type !== other.type || !STYLES.includes(entity.type) || !holds(other, entity)) return false;
  return entity.length < other.length || later > 0;
}

/** What is left of an entity where none of the others is. */
function without(entity: Entity, others: readonly Entity[]): Entity[] {
  const pieces: Entity[] = [];
  let from = entity.offset;
  for (const other of [...others].sort((a, b) => a.offset - b.offset)) {
    if (end(other) <= from || other.offset >= end(entity)) continue;
    pieces.push({ ...entity, offset: from, length: Math.max(0, other.offset - from) });
    from = end(other);
  }
  pieces.push({ ...entity, offset: from, length: Math.max(0, end(entity) - from) });
  return pieces;
}

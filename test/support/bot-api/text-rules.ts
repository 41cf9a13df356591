import { badRequest, type Entity } from './wire.ts';

/** Telegram's limit for the text of a message, after the entities are parsed. */
const TEXT_UNITS_MAX = 4096;
const ENTITIES_MAX = 100;

const CAPTION_UNITS_MAX = 1024;

/** What a message says once Telegram has tidied it up. */
export interface TidyText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/** Judges and trims a text with entities as the Bot API does; the two methods word "too long" differently. */
export function tidyText(text: unknown, entities: unknown, method: 'send' | 'edit'): TidyText {
  if (text === undefined || text === '') throw badRequest('message text is empty');
  if (typeof text !== 'string' || !text.isWellFormed()) throw badRequest('strings must be encoded in UTF-8');
  const checked = entities === undefined ? [] : checkEntities(text, entities);
  const trimmed = text.trim();
  if (trimmed === '') throw badRequest('message text is empty');
  if (trimmed.length > TEXT_UNITS_MAX) {
    throw badRequest(method === 'send' ? 'message is too long' : 'MESSAGE_TOO_LONG');
  }
  const start = text.length - text.trimStart().length;
  return { text: trimmed, entities: checked.flatMap((entity) => moved(entity, start, trimmed.length)) };
}

/** The same of a text beside a file, which may be missing. */
export function tidyCaption(caption: unknown, entities: unknown): TidyText {
  if (caption === undefined || caption === '') return { text: '', entities: [] };
  const tidy = tidyText(caption, entities, 'send');
  if (tidy.text.length > CAPTION_UNITS_MAX) throw badRequest('message caption is too long');
  return tidy;
}

function checkEntities(text: string, entities: unknown): Entity[] {
  if (!Array.isArray(entities)) throw badRequest("can't parse entities: expected an Array");
  if (entities.length > ENTITIES_MAX)
    throw badRequest('too many entities (the stand-in refuses what would be dropped)');
  const checked = entities.map((entity) => checkEntity(text, entity as Entity));
  checkNesting(checked);
  return checked;
}

const QUOTES = ['blockquote', 'expandable_blockquote'];
const STYLES = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler'];
const TYPES = [...QUOTES, ...STYLES, 'code', 'pre', 'text_link'];

/** Telegram mends what its documentation forbids in ways of its own; the stand-in refuses it. */
function checkNesting(entities: readonly Entity[]): void {
  for (const [at, a] of entities.entries()) {
    for (const b of entities.slice(at + 1)) {
      const [outer, inner] = a.offset < b.offset || (a.offset === b.offset && a.length >= b.length) ? [a, b] : [b, a];
      if (inner.offset >= outer.offset + outer.length) continue;
      const forbidden =
        inner.offset + inner.length > outer.offset + outer.length ||
        [outer, inner].some(({ type }) => ['code', 'pre'].includes(type) && !QUOTES.includes(outer.type)) ||
        (QUOTES.includes(outer.type) && QUOTES.includes(inner.type)) ||
        outer.type === inner.type ||
        (QUOTES.includes(inner.type) && !(inner.length < outer.length && STYLES.includes(outer.type)));
      if (forbidden) throw badRequest(`entities ${JSON.stringify(outer)} and ${JSON.stringify(inner)} may not overlap`);
    }
  }
}

function checkEntity(text: string, entity: Entity): Entity {
  const { type, offset, length } = entity;
  if (typeof type !== 'string') throw badRequest('can\'t parse MessageEntity: Field "type" must be of type String');
  if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0) {
    throw badRequest("can't parse MessageEntity: invalid offset or length");
  }
  if (offset + length > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${text.length}`,
    );
  }
  if (splitsPair(text, offset) || splitsPair(text, offset + length)) {
    throw badRequest(`entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol`);
  }
  if (!TYPES.includes(type)) throw badRequest(`the stand-in knows no entity of type "${type}"`);
  if (length === 0) throw badRequest("can't parse MessageEntity: an entity of no length");
  if (type === 'text_link' && !URL.canParse(entity.url ?? '')) throw badRequest('text_link without a valid URL');
  return entity;
}

function splitsPair(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(at));
}

function moved(entity: Entity, start: number, length: number): Entity[] {
  const from = Math.max(0, entity.offset - start);
  const to = Math.min(length, entity.offset + entity.length - start);
  return to > from ? [{ ...entity, offset: from, length: to - from }] : [];
}

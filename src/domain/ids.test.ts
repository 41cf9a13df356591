import { expect, it } from 'vitest';
import { InvalidIdError } from './errors.ts';
import { eventIdFrom, parseQuestionId, parseSessionId, type SessionId, shortId } from './ids.ts';

const ID = '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11';

it('takes a UUID in lower case, and says of anything else what was meant', () => {
  expect(parseSessionId(ID)).toBe(ID);
  expect(parseQuestionId(ID)).toBe(ID);
  for (const text of ['', ID.toUpperCase(), ` ${ID}`, `${ID}\n`, `../${ID}`, ID.slice(1), '0'.repeat(36)]) {
    expect(() => parseSessionId(text), text).toThrow(InvalidIdError);
    expect(() => parseQuestionId(text), text).toThrow(/is not a question id/);
  }
});

it('quotes no more than a little of what was given', () => {
  expect(() => parseSessionId(`${'x'.repeat(10_000)}\n`)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
  expect(() => parseSessionId('x'.repeat(10_000))).toThrow(/^.{1,250}$/s);
});

it('gives equal causes equal ids, and different causes different ones', () => {
  expect(eventIdFrom('telegram', 1, 'a')).toBe(eventIdFrom('telegram', 1, 'a'));
  const others = [['telegram', '1', 'a'], ['telegram', 1], ['telegram1a'], ['telegram', 1, 'a', '']];
  for (const cause of others) expect(eventIdFrom(...cause)).not.toBe(eventIdFrom('telegram', 1, 'a'));
});

it('is short for people', () => {
  expect(shortId(ID as SessionId)).toBe('0b6f3f6e');
});

import fc from 'fast-check';
import { bold, fmt } from 'telegraf/format';
import { describe, expect, it } from 'vitest';
import { joined, pack, plain, quoted, richBeginning, slice, split } from './rich-text.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '😀', '_', '<'), maxLength: 400 });
const limit = fc.integer({ min: 4, max: 60 });

describe('splitting', () => {
  it('loses nothing, keeps the limit, and cuts no character in two', () => {
    fc.assert(
      fc.property(text, limit, (whole, max) => {
        const pieces = split(fmt(whole), max);
        expect(pieces.map((piece) => piece.text).join('')).toBe(whole);
        expect(pieces.every((piece) => piece.text.length <= max && piece.text.isWellFormed())).toBe(true);
      }),
    );
  });

  it('prefers the end of a line, then of a word', () => {
    expect(split(fmt('one two\nthree four five'), 12).map((piece) => piece.text)).toEqual([
      'one two\n',
      'three four ',
      'five',
    ]);
  });

  it('takes entities along, cut where the text is cut', () => {
    const [first, second] = split(fmt`a${bold('bcdef')}`, 5);
    expect(first).toMatchObject({ text: 'abcde', entities: [{ type: 'bold', offset: 1, length: 4 }] });
    expect(second).toMatchObject({ text: 'f', entities: [{ type: 'bold', offset: 0, length: 1 }] });
    expect(slice(fmt`abc${bold('def')}`, 0, 3).entities).toBeUndefined();
  });
});

describe('splitting a text with entities', () => {
  const words = fc.array(
    fc
      .record({ text: fc.stringMatching(/^[a-z😀]{1,12}$/u), style: fc.boolean() })
      .map(({ text, style }) => (style ? bold(text) : plain(text))),
    { minLength: 1, maxLength: 60 },
  );

  it('cuts none in two that fits into half a piece, and loses none', () => {
    fc.assert(
      fc.property(words, (all) => {
        const whole = joined(all, ' ');
        const pieces = split(whole, 60);
        expect(pieces.every(({ text }) => text.length <= 60)).toBe(true);
        const names = (texts: typeof pieces) =>
          texts.flatMap(({ text, entities = [] }) =>
            entities.map(({ offset, length }) => text.slice(offset, offset + length)),
          );
        expect(names(pieces)).toEqual(names([whole]));
      }),
    );
  });

  it('cuts what is longer than that, and both pieces carry it on', () => {
    const pieces = split(quoted(plain('word '.repeat(40)), { folded: true }), 60);
    expect(pieces.length).toBeGreaterThan(3);
    for (const { text, entities } of pieces) {
      expect(entities).toEqual([{ type: 'expandable_blockquote', offset: 0, length: text.length }]);
    }
  });

  it('keeps the styles of a beginning', () => {
    expect(richBeginning(fmt`a ${bold('bold')} word and more`, 9)).toMatchObject({
      text: 'a bold…',
      entities: [{ type: 'bold', offset: 2, length: 4 }],
    });
  });
});

describe('packing', () => {
  it('cuts no block that fits into a message', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.integer({ min: 50, max: 500 }), (blocks, max) => {
        const messages = pack(
          blocks.map((block) => fmt(block)),
          max,
        );
        expect(messages.every((message) => message.text.length <= max)).toBe(true);
        for (const block of blocks) {
          if (block.length <= max) expect(messages.some((message) => message.text.includes(block))).toBe(true);
        }
      }),
    );
  });

  it('moves entities with their block', () => {
    expect(pack([fmt('one'), bold('two')], 20)).toMatchObject([
      { text: 'one\n\ntwo', entities: [{ offset: 5, length: 3 }] },
    ]);
  });
});

describe('what is joined', () => {
  it('may be texts and entities alike', () => {
    expect(joined(['a', bold('b')], ' ')).toMatchObject({ text: 'a b', entities: [{ offset: 2 }] });
  });
});

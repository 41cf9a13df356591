import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginning, excerpt, preview, spanText } from './text.ts';

describe('an excerpt', () => {
  it('keeps lines, says when something is missing, and leaves no block of code open', () => {
    expect(excerpt(' one\n  two\n', 20)).toBe('one\n  two');
    expect(excerpt('one\ntwo three', 8)).toBe('one\ntwo…');
    expect(excerpt('```sh\nls\n```\nand more', 14)).toBe('```sh\nls\n```\n…');
    expect(excerpt('````sh\nls\n```\n````\nand more', 14)).toBe('````sh\nls\n```\n…\n````');
    expect(excerpt('a 😀😀😀', 4)).toBe('a 😀…');
    expect(excerpt('😀😀😀', 3)).toBe('😀😀😀');
  });
});

describe('preview', () => {
  it('shows a text on one line, and says when something is missing', () => {
    expect(preview(' Deploy\n\n now? ', 20)).toBe('Deploy now?');
    expect(preview('Deploy now?', 8)).toBe('Deploy…');
    expect(preview('Deploy now?', 11)).toBe('Deploy now?');
  });

  it('looks no further into a text without end than it shows', () => {
    expect(preview(`Deploy${' '.repeat(10_000)}now?`, 20)).toBe('Deploy…');
    expect(preview('x'.repeat(1_000_000), 5)).toBe('xxxx…');
  });

  it('never cuts a character in two, nor grows over its limit', () => {
    expect(preview('👋👋👋', 2)).toBe('👋…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
        const shown = preview(text, max);
        expect(shown.isWellFormed()).toBe(true);
        expect([...shown].length).toBeLessThanOrEqual(max);
        expect(shown).not.toMatch(/[\n\r]/);
      }),
    );
  });
});

describe('a beginning', () => {
  it('says with an ellipsis that something is missing', () => {
    expect(beginning('short', 10)).toBe('short');
    expect(beginning('a long sentence', 10)).toBe('a long…');
    expect(beginning('😀😀😀😀', 6)).toBe('😀😀…');
  });
});

describe('spanText', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000 * 3, '3 d'],
  ])('calls %s ms %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { textBlocks } from './text-blocks.ts';

const code = (words: string) => ({ code: true, words });
const text = (words: string) => ({ code: false, words });

describe('a text with blocks of code', () => {
  it('is cut at its fences, which are not shown', () => {
    expect(textBlocks('no block')).toEqual([text('no block')]);
    expect(textBlocks('```sh\nrm -rf build\n```\n\nWhy: to tidy up')).toEqual([
      code('rm -rf build'),
      text('Why: to tidy up'),
    ]);
    expect(textBlocks('see\n```\n left open')).toEqual([text('see'), code(' left open')]);
  });

  it('has no block that its own text could end', () => {
    expect(textBlocks('````sh\necho\n```\nDirectory: elsewhere\n````\nDirectory: here')).toEqual([
      code('echo\n```\nDirectory: elsewhere'),
      text('Directory: here'),
    ]);
  });

  it('hides nothing behind a fence but the name of a language', () => {
    expect(textBlocks('```sh rm -rf /\nls\n```')).toEqual([code('sh rm -rf /\nls')]);
  });
});

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isThere, page, ROOT, testsNamedIn } from '../support/docs.ts';

const PAGE = page('docs/telegram.md');
const { text } = PAGE;
const [, section = ''] = /^## What every input leads to$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text) ?? [];
const rows = section.split('\n').filter((line) => /^\| (?!input|---)/.test(line));

describe('the table of docs/telegram.md', () => {
  it('has a row for every kind of input, each held by a test', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((row) => testsNamedIn(row).length === 0)).toEqual([]);
  });

  it('names tests that there are', () => {
    expect(rows.flatMap(testsNamedIn).filter((test) => !isThere(test, PAGE.path))).toEqual([]);
  });

  it('shows pictures that there are', () => {
    const pictures = [...text.matchAll(/\]\((images\/[^)]+)\)/g)].map(([, path = '']) => path);
    expect(pictures.filter((path) => !existsSync(join(ROOT, dirname(PAGE.path), path)))).toEqual([]);
  });
});

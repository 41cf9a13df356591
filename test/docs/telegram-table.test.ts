import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PAGE = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs/telegram.md');
const text = readFileSync(PAGE, 'utf8');
const [, section = ''] = /^## What every input leads to$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text) ?? [];
const rows = section.split('\n').filter((line) => /^\| (?!input|---)/.test(line));

const testsIn = (row: string) =>
  [...row.matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.test\.ts)\)/g)].map(([, title = '', path = '']) => ({ title, path }));

/** Is there a test of that name in the file? */
function holds({ title, path }: { title: string; path: string }): boolean {
  const file = resolve(dirname(PAGE), path);
  return existsSync(file) && readFileSync(file, 'utf8').includes(`'${title}'`);
}

describe('the table of docs/telegram.md', () => {
  it('has a row for every kind of input, each held by a test', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((row) => testsIn(row).length === 0)).toEqual([]);
  });

  it('names tests that there are', () => {
    expect(rows.flatMap(testsIn).filter((test) => !holds(test))).toEqual([]);
  });

  it('shows pictures that there are', () => {
    const pictures = [...text.matchAll(/\]\((images\/[^)]+)\)/g)].map(([, path = '']) => path);
    expect(pictures.filter((path) => !existsSync(resolve(dirname(PAGE), path)))).toEqual([]);
  });
});

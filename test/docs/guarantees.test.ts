import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../support/faults/kinds.ts';
import { PROMISES } from '../support/faults/promises.ts';

const PAGE = resolve(dirname(fileURLToPath(import.meta.url)), '../../docs/guarantees.md');
const text = readFileSync(PAGE, 'utf8');
const rows = text.split('\n').filter((line) => /^\| (?!promise |case |---)/.test(line));

const namedIn = (row: string) =>
  [...row.matchAll(/\[((?:[^[\]]|\[[^\]]*\])+)\]\((\.\.\/[^)]+\.ts)\)/g)].map(([, title = '', path = '']) => ({
    title,
    path,
  }));

/** Does the file have a test, a fault or a promise of that name? */
function holds({ title, path }: { title: string; path: string }): boolean {
  const file = resolve(dirname(PAGE), path);
  if (!existsSync(file)) return false;
  const source = readFileSync(file, 'utf8');
  return source.includes(`'${title}'`) || source.includes(`\`${title}\``) || source.includes(`${title}\``);
}

describe('docs/guarantees.md', () => {
  it('has promises and cases, each held by a test', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => namedIn(row).length === 0)).toEqual([]);
  });

  it('names tests, faults and promises that there are', () => {
    expect(rows.flatMap(namedIn).filter((named) => !holds(named))).toEqual([]);
  });

  it('names every fault that is injected and every promise that is checked', () => {
    const names = new Set(rows.flatMap(namedIn).map(({ title }) => title));
    const all = [...FAULT_NAMES, ...Object.values(PROMISES)];
    expect(all.filter((name) => !names.has(name))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { isThere, page, testsNamedIn } from '../support/docs.ts';
import { FAULT_NAMES } from '../support/faults/kinds.ts';
import { PROMISES } from '../support/faults/promises.ts';

const PAGE = page('docs/guarantees.md');
const rows = PAGE.text.split('\n').filter((line) => /^\| (?!promise |case |---)/.test(line));

describe('docs/guarantees.md', () => {
  it('has promises and cases, each held by a test', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => testsNamedIn(row).length === 0)).toEqual([]);
  });

  it('names tests, faults and promises that there are', () => {
    expect(rows.flatMap(testsNamedIn).filter((named) => !isThere(named, PAGE.path))).toEqual([]);
  });

  it('names every fault that is injected and every promise that is checked', () => {
    const names = new Set(rows.flatMap(testsNamedIn).map(({ title }) => title));
    const all = [...FAULT_NAMES, ...Object.values(PROMISES)];
    expect(all.filter((name) => !names.has(name))).toEqual([]);
  });
});

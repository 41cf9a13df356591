import { describe, expect, it } from 'vitest';
import { isThere, page, tableRows, testsNamedIn } from '../support/docs.ts';

const PAGE = page('docs/security.md');
const [, section = ''] = /^## Neighbours$([\s\S]*?)^## /m.exec(PAGE.text) ?? [];
const HEAD = /^\| (---|(it|they) (cannot|is not handed) \|)/;
const neighbours = section
  .split(/^### /m)
  .slice(1)
  .map((text) => {
    const [name = '', ...lines] = text.split('\n');
    return { name, text, rows: lines.filter((line) => line.startsWith('|') && !HEAD.test(line)) };
  });

/** From whom the program must be safe, or it must be said that it is not. */
const NEIGHBOURS = [
  'The model in a session',
  'A program of your user',
  'Another user of the machine',
  'A repository that you cloned',
  'A web page that you visit',
  'Somebody on your network',
  'A stranger who found the bot',
  'A member of your group',
  'An admin of your group, anonymous or not',
  "Whoever has the bot's token",
  'Telegram',
  'Whoever has the link or the cookie',
  'A stolen phone',
  'A container, or another pid namespace',
  'A malicious package',
];

describe('docs/security.md', () => {
  it('speaks of every neighbour', () => {
    expect(neighbours.map(({ name }) => name)).toEqual(NEIGHBOURS);
  });

  it.each(neighbours)('says what $name can do, and what not, each held by a test', ({ text, rows }) => {
    expect(text).toMatch(/^\*\*(It|They) can\*\*/m);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter((row) => testsNamedIn(row).length === 0)).toEqual([]);
  });

  it('names tests that there are', () => {
    const named = testsNamedIn(PAGE.text);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((test) => !isThere(test, PAGE.path))).toEqual([]);
  });

  it('says what to do when something has happened', () => {
    const rows = tableRows(PAGE, 'when');
    expect(rows.length).toBeGreaterThan(8);
    for (const words of ['/revoke', 'owners remove', '--new-token', 'PERMISSION_PIN', 'WEB_PORT']) {
      expect(rows.filter(([, what = '']) => what.includes(words)).length, words).toBeGreaterThan(0);
    }
  });
});

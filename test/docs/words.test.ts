import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isForeign, parseRecord } from '../../src/domain/records.ts';
import { fenced, page, pages, prose, ROOT, tableRows } from '../support/docs.ts';

// What the pages quote: words that the program says, files that it makes, record types, names of commands.

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'));
const isInSource = (words: string): boolean => sources.some((text) => text.includes(words));
const literalsIn = (file: string, pattern: RegExp): string[] =>
  [...page(file).text.matchAll(pattern)].map(([, literal = '']) => literal);
const codes = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('docs/session-files.md', () => {
  const text = page('docs/session-files.md');

  it('names every type of record, in the words of the format', () => {
    const documented = tableRows(text, 'type').map(([type]) => codes(type)[0]);
    expect(documented.sort()).toEqual(literalsIn('src/domain/records.ts', /type: z\.literal\('(\w+)'\)/g).sort());
  });

  it('names every reason for which a question closes', () => {
    const [, reasons = ''] = /reason: z\.enum\(\[([^\]]+)\]/.exec(page('src/domain/records.ts').text) ?? [];
    const row = tableRows(text, 'type').find(([type]) => type === '`question_closed`');
    expect(codes(row?.[1]).sort()).toEqual([...reasons.matchAll(/'(\w+)'/g)].map(([, reason]) => reason).sort());
  });

  it('shows records that are read as such', () => {
    const lines = fenced(text, 'jsonl').flatMap((block) => block.trimEnd().split('\n'));
    const records = lines.map(parseRecord);
    expect(records.map((record) => record && !isForeign(record) && record.type)).toEqual([
      'question',
      'answer',
      'answer_delivered',
    ]);
  });

  it('names the codes of errors as they are written', () => {
    const named = prose(text).match(/`[A-Z]+_[A-Z_]+`/g) ?? [];
    expect(named).toContain('`CARD_NOT_SHOWN`');
    expect(named.filter((code) => !isInSource(`'${code.replaceAll('`', '')}'`))).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  it('lists files of the home that the program makes, and all that it makes', () => {
    const listed = tableRows(page('docs/configuration.md'), 'file').flatMap(([cell]) => codes(cell));
    const made = listed.filter((name) => !name.includes('<time>')).map((name) => name.replace(/\/$/, ''));
    expect(made.filter((name) => !isInSource(`'${name}'`))).toEqual([]);
    const joined = sources.flatMap((text) =>
      [...text.matchAll(/join\((?:options\.|config\.|scene\.)?home, '([\w.-]+)'/g)].map(([, name = '']) => name),
    );
    expect([...new Set(joined)].filter((name) => !made.includes(name))).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  const rows = page('docs/troubleshooting.md')
    .text.split('\n')
    .filter((line) => /^\| (?!symptom|---)/.test(line));

  it('says symptom, cause and cure of each trouble', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => row.split(' | ').length !== 3)).toEqual([]);
  });

  it('quotes the program and the page in their own words', () => {
    const quotes = rows.flatMap((row) => [...row.matchAll(/\*([^*]+)\*/g)].map(([, quote = '']) => quote));
    // What the program puts together itself: the name and the state of a channel, and what it fills in.
    const pieces = quotes.flatMap((quote) => quote.replace('telegram: NOT OK, ', '').split('…'));
    const said = pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
    expect(said.length).toBeGreaterThan(15);
    expect(said.filter((piece) => !isInSource(piece))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('names files that there are', () => {
    const named = codes(prose(page('ARCHITECTURE.md'))).filter((code) =>
      /^[\w-]+(\/[\w-]+)+(\.[\w-]+)*\.tsx?$/.test(code),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !existsSync(join(ROOT, 'src', path)) && !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('every page', () => {
  it('names commands and flags that there are', () => {
    const sources = ['src/cli/command-line.ts', 'src/cli/desk-commands.ts'];
    const known = sources.flatMap((source) => literalsIn(source, /\.command\('(\w+)'/g));
    const flags = sources.flatMap((source) => literalsIn(source, /(--[\w-]+)/g));
    const named = pages().flatMap((each) =>
      [...prose(each).matchAll(/`switchboard ((?:--home <directory> )?[^`]*)`/g)].map(([, words = '']) => words),
    );
    expect(named.length).toBeGreaterThan(30);
    const unknown = named.filter((words) => {
      const [command = '', ...rest] = words.replace(/^--home <directory> /, '').split(/[\s[\]]+/);
      const wrongFlag = rest.some((word) => word.startsWith('--') && !flags.includes(word));
      return wrongFlag || !(command === '…' || command === '' || known.includes(command));
    });
    expect(unknown).toEqual([]);
  });
});

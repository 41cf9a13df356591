import fc from 'fast-check';
import type { MessageEntity } from 'telegraf/types';
import { describe, expect, it } from 'vitest';
import { contentOf, fromMarkdown } from './markdown.ts';
import type { RichText } from './rich-text.ts';

/** A text with its entities written out, e.g. `‹bold:word›`. */
function shown({ text, entities = [] }: RichText): string {
  const marks = new Map<number, string>();
  const note = (at: number, mark: string, before: boolean) =>
    marks.set(at, before ? mark + (marks.get(at) ?? '') : (marks.get(at) ?? '') + mark);
  for (const entity of entities as MessageEntity[]) {
    const detail = 'url' in entity ? `=${entity.url}` : 'language' in entity ? `=${entity.language}` : '';
    note(entity.offset, `‹${entity.type}${detail}:`, false);
    note(entity.offset + entity.length, '›', true);
  }
  return Array.from({ length: text.length + 1 }, (_, at) => (marks.get(at) ?? '') + text.charAt(at)).join('');
}

const md = (source: string) => shown(fromMarkdown(source));
const asWritten = (source: string): void => {
  expect(fromMarkdown(source)).toEqual({ text: source });
};

describe('Markdown arrives as Telegram entities', () => {
  it.each([
    ['a **bold** word', 'a ‹bold:bold› word'],
    ['an *italic* and _another_ word', 'an ‹italic:italic› and ‹italic:another› word'],
    ['***both***', '‹italic:‹bold:both››'],
    ['~~gone~~', '‹strikethrough:gone›'],
    ['run `npm test`', 'run ‹code:npm test›'],
    ['**bold `code` bold**', '‹bold:bold ›‹code:code›‹bold: bold›'],
    ['```ts\nconst a = `b`;\n```', '‹pre=ts:const a = `b`;›'],
    ['```\nno language\n```', '‹pre:no language›'],
    ['```ts title="a.ts"\nx\n```', 'ts title="a.ts"\n‹pre:x›'],
    ['see [the docs](https://example.org/a_b)', 'see ‹text_link=https://example.org/a_b:the docs›'],
    ['[a](https://example.org "title")', '‹text_link=https://example.org:a› (title)'],
    ['![logo](https://example.org/l.png)', '‹text_link=https://example.org/l.png:logo›'],
    ['# Title\ntext', '‹bold:Title›\ntext'],
    ['# **Title** of `it`', '‹bold:Title of ›‹code:it›'],
    ['- a\n- b\n  - c', '• a\n• b\n   • c'],
    ['1. a\n3. b', '1. a\n3. b'],
    ['- [x] done\n- [ ] open', '☑ done\n☐ open'],
    ['> a\n> b\n\nc', '‹blockquote:a\nb›\n\nc'],
    ['> a\n> > b', '‹blockquote:a\n> b›'],
    ['**粗体**文字', '‹bold:粗体›文字'],
    ['😀 **b**', '😀 ‹bold:b›'],
    ['a\n\n\n\nb', 'a\n\nb'],
    ['a\nb', 'a\nb'],
  ])('%j is %j', (source, expected) => {
    expect(md(source)).toBe(expected);
  });

  it('a narrow table keeps its columns', () => {
    expect(md('| name | cost |\n|---|---|\n| Redis | 5 |\n| none | `0` |')).toBe(
      '‹pre:name   cost\nRedis  5\nnone   0›',
    );
  });

  it('a wide table becomes lines', () => {
    const wide = 'a long description of what this means';
    expect(md(`| name | **why** |\n|---|---|\n| Redis | ${wide} |`)).toBe(`‹bold:name› – ‹bold:why›\nRedis – ${wide}`);
  });
});

describe('signs that are no markup stay as they were written', () => {
  it.each([
    'snake_case_word',
    'arr[0',
    'arr[i][j] and f(*args, **kwargs)',
    '*ptr',
    'a_b_c',
    '2*3*4',
    '2**3**4',
    'a * b * c',
    '__init__ and __main__.py',
    'src/*.ts and test/*.ts',
    '*.ts and *.js',
    'run at */5 * * * *',
    '(*a)*(*b)',
    '/* a */ and /* b */',
    'C:\\_old\\_new',
    'a \\*star\\*',
    '~/a and ~/b, ~5 to ~10',
    '>5 users',
    '<b>&amp;</i>',
    'List<String> of Map<K, V>',
    'x\n======\ny',
    'x\n---\ny',
    '+ added\n- removed',
    'a | b | c',
    '#hashtag and #1',
    '[x][y]\n\n[y]: https://example.org',
    'https://example.org/_a_/b',
    '[file](src/main.ts)',
    '[run](javascript:alert)',
    '[file](file:///etc/passwd)',
    '[app](http://localhost:3000)',
    '`',
    '**',
    '```',
    '\u202eabc\u0007',
  ])('%j', (source) => asWritten(source));
});

const fragment = fc.constantFrom(
  ...[
    'a',
    'word',
    ' ',
    '\n',
    '\n\n',
    '    ',
    '\t',
    '1. ',
    '- ',
    '+ ',
    '* ',
    '> ',
    '# ',
    '**',
    '*',
    '_',
    '__',
    '~~',
    '`',
  ],
  ...[
    '```',
    '```ts\n',
    '|',
    '|---|---|',
    '[',
    ']',
    '](https://a.bc/d)',
    '](x:y)',
    '![',
    '<b>',
    '</b>',
    '<!--',
    '&amp;',
  ],
  ...['\\', '---', '===', '😀', 'é', '中', '\u0000', '\u202e', '$', '[x] ', '[1]: u', 'https://a.bc/_d_', '.', ','],
);
const anything = fc.oneof(
  { weight: 3, arbitrary: fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join('')) },
  fc.string({ unit: 'binary', maxLength: 80 }).map((text) => text.toWellFormed()),
);

describe('whatever a text is', () => {
  it('all of its content is there, in its order', () => {
    fc.assert(
      fc.property(anything, (source) => {
        const { text, entities = [] } = fromMarkdown(source);
        // What a link leads to and a language stand in the entities, and a task that is done has a box of its own.
        const beside = (entities as MessageEntity[]).flatMap((entity) => {
          const { offset, length } = entity;
          if ('url' in entity) return entity.url === text.substr(offset, length) ? [] : [entity.url];
          return 'language' in entity && entity.language ? [entity.language] : [];
        });
        const there = text.replaceAll('☑', 'x');
        expect([...contentOf(there + beside.join(''))].sort()).toEqual([...contentOf(source)].sort());
        if (beside.length === 0) expect(contentOf(there)).toBe(contentOf(source));
      }),
      { numRuns: 500 },
    );
  });

  it('its entities are valid: within bounds, whole characters, one inside the other or apart, none in code', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (source, quoted) => {
        const { text, entities = [] } = fromMarkdown(source, { quoted });
        for (const [at, { type, offset, length }] of entities.entries()) {
          const end = offset + length;
          expect(offset >= 0 && length > 0 && end <= text.length).toBe(true);
          expect(text.slice(0, offset).isWellFormed() && text.slice(0, end).isWellFormed()).toBe(true);
          for (const other of entities.slice(at + 1)) {
            if (other.offset >= end) continue;
            expect(other.offset + other.length).toBeLessThanOrEqual(end);
            expect(['code', 'pre']).not.toContain(type);
            expect(other.type).not.toBe(type);
          }
          if (quoted) expect(type).not.toBe('blockquote');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('words and numbers without any sign between them arrive as they are', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}(_[a-z0-9]{1,5}){0,3}$/), { minLength: 1 });
    fc.assert(fc.property(words, (all) => asWritten(all.join(' '))));
  });

  it('a line of words is the same whether the lexer is asked or not', () => {
    const signs = [
      'a',
      'É',
      '字',
      '😀',
      'www.a.org',
      'https://a.org',
      '1',
      '2.',
      ' ',
      '  ',
      ...`.,:;!?'"()-+=/%$^{}§–•☑\u00a0`,
    ];
    const line = fc.array(fc.constantFrom(...signs), { maxLength: 12 }).map((some) => `Is ${some.join('')}?`);
    fc.assert(
      fc.property(line, (text) => {
        asWritten(text);
        // A further paragraph goes through the lexer, and this one with it.
        asWritten(`${text}\n\nMore`);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a text that no parser likes', () => {
  it.each([
    ['nested quotes', '> '.repeat(4_000)],
    ['open brackets', '['.repeat(8_000)],
    ['open emphasis', '*a _b '.repeat(1_300)],
    ['stars', '*'.repeat(8_000)],
    ['ticks', '`a``b```'.repeat(1_000)],
    ['nested lists', Array.from({ length: 120 }, (_, n) => `${'  '.repeat(n)}- a`).join('\n')],
    ['angles', '<a '.repeat(2_600)],
    ['images', '![a]('.repeat(1_600)],
  ])('comes through whole, and soon: %s', (_, source) => {
    const before = process.cpuUsage();
    expect(contentOf(fromMarkdown(source).text)).toBe(contentOf(source));
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });

  const ordinary =
    '# Deploy?\n\nThe **new** build of `shop` is [ready](https://example.org/1):\n\n- *all* tests\n- no ~~old~~ code\n\n';
  const signs = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('*', '_', '~~', '`', '[', ']', '(', ')', '<', '>', '|', '![', '](', '**', '__'),
      },
      fc.constantFrom(
        'a',
        ' ',
        '\n',
        '-',
        '.',
        '#',
        '@',
        '\\',
        '&',
        '"',
        '1.',
        '+',
        'www.',
        'http://a.b',
        '😀',
        '    ',
      ),
    ),
    { minLength: 1, maxLength: 4 },
  );

  it('costs no more than some ordinary ones, whatever it repeats', () => {
    const QUESTION_CHARS = 8_000;
    const cpuMs = (source: string): number => {
      const before = process.cpuUsage();
      fromMarkdown(source);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    const filled = (part: string): string =>
      part.repeat(Math.ceil(QUESTION_CHARS / part.length)).slice(0, QUESTION_CHARS);
    const costs = Array.from({ length: 30 }, () => cpuMs(filled(ordinary))).sort((a, b) => a - b);
    const usual = Math.max(1, costs[15] ?? 0);
    const least = (source: string): number => Math.min(...[1, 2, 3].map(() => cpuMs(source)));
    // Without a bound: one to two thousand times as much for the first ones.
    const examples = ['*_', '*a_', '`a', '-__', '~`', '_*', '*~', '|*', '"*a'].map((part): [string[]] => [[part]]);
    fc.assert(
      fc.property(signs, (parts) => {
        expect(least(filled(parts.join(''))) / usual).toBeLessThan(60);
      }),
      { numRuns: 150, examples },
    );
    expect(least(`|${'a|'.repeat(1_000)}\n|${'-|'.repeat(1_000)}\n${'|\n'.repeat(2_000)}`) / usual).toBeLessThan(60);
  });

  it('is not taken for one, however much is marked up in it, as long as somebody could have written it', () => {
    const { text, entities = [] } = fromMarkdown(ordinary.repeat(70));
    expect(text).not.toMatch(/[*`~]/);
    expect(entities).toHaveLength(6 * 70);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isThere, page, ROOT, tables, testsNamedIn } from '../support/docs.ts';
import { type Bundled, bundledPackages } from '../support/source-copy.ts';

const PAGE = page('docs/dependencies.md');
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { devDependencies } = read('package.json');

const { program, page: webPage } = bundledPackages();

/** A package as a row of the page should name it. */
const rowOf = ({ name, asked_for_by, licence }: Bundled) => [
  name,
  asked_for_by.map(({ by, range }) => `${by || 'us'} \`${range}\``).join(', '),
  licence,
];
const sorted = (rows: string[][]) => rows.map((row) => row.join(' | ')).sort();

// The two tables of what is bundled, and the one of what is not.
const [ofProgram = [], ofPage = [], ofDevelopment = []] = [
  ...tables(PAGE, 'package').filter(([row]) => row?.length === 6),
  ...tables(PAGE, 'package').filter(([row]) => row?.length === 2),
];

describe.each([
  ['the program', program, ofProgram],
  ['the page', webPage, ofPage],
] as const)('the packages in %s', (_part, { packages }, rows) => {
  it('are those that docs/dependencies.md lists, asked for by those, under those licences', () => {
    expect(packages.length).toBeGreaterThan(0);
    expect(sorted(rows.map((row) => row.slice(0, 3)))).toEqual(sorted(packages.map(rowOf)));
  });

  it('are about as large as it says', () => {
    const said = new Map(rows.map(([name = '', , , size]) => [name, Number(size)]));
    const wrong = packages.filter(({ name, bytes }) => {
      const now = bytes / 1000;
      return Math.abs(now - (said.get(name) ?? Number.NaN)) > Math.max(1, now / 5);
    });
    expect(wrong).toEqual([]);
  });

  it('are there for a reason, and it is said what would be without them', () => {
    expect(rows.filter(([, , , , why = '', without = '']) => why === '' || without === '')).toEqual([]);
  });
});

it('the whole program, and what of it is by others, are about as large as docs/dependencies.md says', () => {
  const [, whole, others] = /^About (\d+) KB, of which (\d+) KB are by others\./m.exec(PAGE.text) ?? [];
  const byOthers = program.packages.reduce((total, { bytes }) => total + bytes, 0);
  for (const [said, now] of [
    [whole, program.bytes / 1000],
    [others, byOthers / 1000],
  ] as const) {
    expect(Math.abs(Number(said) - now) / now).toBeLessThan(0.03);
  }
});

it('permissive licences alone are bundled, those that docs/dependencies.md names', () => {
  const [, section = ''] = /^## Licences$([\s\S]*?)^## /m.exec(PAGE.text) ?? [];
  const allowed = [...section.matchAll(/`([\w.-]+)`/g)].map(([, id]) => id);
  expect(allowed).toEqual(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '0BSD']);
  const others = [...program.packages, ...webPage.packages].filter(({ licence }) => !allowed.includes(licence));
  expect(others).toEqual([]);
});

it('the licence of every bundled package goes along', () => {
  const texts = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const heads = [...program.packages, ...webPage.packages].map(({ name, version }) => `${name} ${version}\n\n`);
  expect(heads.filter((head) => !texts.includes(head))).toEqual([]);
});

it('every other package of the project has a line in docs/dependencies.md that says why', () => {
  const inside = new Set([...program.packages, ...webPage.packages].map(({ name }) => name));
  const others = Object.keys(devDependencies).filter((name) => !inside.has(name));
  expect(ofDevelopment.map(([name]) => name).sort()).toEqual(others.sort());
  expect(ofDevelopment.filter(([, why = '']) => why === '')).toEqual([]);
});

describe('package-lock.json', () => {
  const lock = read('package-lock.json');
  const entries = Object.entries<Record<string, unknown>>(lock.packages).filter(([path]) => path !== '');

  it('says by SHA-512 what each package contains', () => {
    expect(entries.length).toBeGreaterThan(200);
    expect(entries.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(String(integrity)))).toEqual([]);
  });

  it('takes nothing from elsewhere than the registry: no address, link, file or repository', () => {
    const elsewhere = entries.filter(([, entry]) => 'resolved' in entry || 'link' in entry);
    const ranges = entries.flatMap(([, entry]) => Object.values({ ...(entry.dependencies as object) }));
    const named = [...Object.values(devDependencies), ...ranges].map(String);
    expect(elsewhere).toEqual([]);
    // A range is numbers, signs and words such as `latest`; an address has a colon or a slash.
    expect(named.filter((range) => /[:/]/.test(range))).toEqual([]);
  });

  it('lets one package alone run a script when it is installed: esbuild, for developers', () => {
    const scripted = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path);
    expect(scripted).toEqual(['node_modules/esbuild']);
  });
});

it('docs/dependencies.md names tests that there are', () => {
  const named = testsNamedIn(PAGE.text);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((test) => !isThere(test, PAGE.path))).toEqual([]);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** One page of the documentation. */
export interface Page {
  /** Below the root. */
  readonly path: string;
  readonly text: string;
}

/** Every page that people read: those in the root, those in `docs/`, and the one of the plugin. */
export function pages(): Page[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => `docs/${name}`), 'plugin/README.md'].map(page);
}

/** One of them, by its path below the root. */
export function page(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** What stands in the fenced blocks of one language. */
export function fenced({ text }: Page, language: string): string[] {
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)]
    .filter(([, of]) => of === language)
    .map(([, , code = '']) => code);
}

/** The cells of the rows of the table whose first heading is `heading`; a bar after a backslash parts no cells. */
export function tableRows(page: Page, heading: string): string[][] {
  const [rows] = tables(page, heading);
  if (!rows) throw new Error(`${page.path} has no table that begins with ${heading}.`);
  return rows;
}

/** The same of every table whose first heading is `heading`. */
export function tables({ text }: Page, heading: string): string[][][] {
  const lines = text.split('\n');
  const heads = lines.flatMap((line, index) => (line.startsWith(`| ${heading} |`) ? [index] : []));
  return heads.map((head) => {
    const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'));
    return lines.slice(head + 2, end < 0 ? lines.length : end).map(cellsOf);
  });
}

function cellsOf(line: string): string[] {
  const cells = line.split(/\s*(?<!\\)\|\s*/).slice(1, -1);
  return cells.map((cell) => cell.replaceAll('\\|', '|'));
}

/** A test, or what a test is made of, as a page names it: its title, and its file below the page's directory. */
export interface NamedTest {
  readonly title: string;
  readonly path: string;
}

/** Every test that a piece of a page links to. */
export function testsNamedIn(text: string): NamedTest[] {
  const links = text.matchAll(/\[((?:[^[\]]|\[[^\]]*\])+)\]\((\.\.\/[^)]+\.ts)\)/g);
  // A line may end within a title.
  return [...links].map(([, title = '', path = '']) => ({ title: title.replace(/\s+/g, ' '), path }));
}

/** Does the file have a test, a fault or a promise of that name? `from`: the page that names it, below the root. */
export function isThere({ title, path }: NamedTest, from: string): boolean {
  const file = join(ROOT, dirname(from), path);
  if (!existsSync(file)) return false;
  const source = readFileSync(file, 'utf8');
  const written = title.replaceAll("'", "\\'");
  return [`'${title}'`, `'${written}'`, `"${title}"`, `\`${title}\``, `${title}\``].some((name) =>
    source.includes(name),
  );
}

/** A page without its fenced blocks: what is written in words. */
export function prose({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

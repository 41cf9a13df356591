import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');

/** One page of the documentation. */
export interface Page {
  /** Below the root. */
  readonly path: string;
  readonly text: string;
}

/** Every page that people read: those in the root and those in `docs/`. */
export function pages(): Page[] {
  const inRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => `docs/${name}`)].map(page);
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

/** The cells of the rows of the table whose first heading is `heading`; bars within code do not part cells. */
export function tableRows({ path, text }: Page, heading: string): string[][] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (first < 0) throw new Error(`${path} has no table that begins with ${heading}.`);
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines.slice(first + 2, end).map((line) => line.split(/\s*\|\s*/).slice(1, -1));
}

/** A page without its fenced blocks: what is written in words. */
export function prose({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { page, pages, prose, ROOT } from '../support/docs.ts';

/** The anchor that a heading gets where Markdown is shown: lower case, spaces to hyphens, no other signs. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

const anchorsOf = (path: string): string[] =>
  [...prose(page(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Every address that a page leads to or shows, as it is written. */
function addressesIn(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)];
  const markup = [...text.matchAll(/<(?:img|a)\b[^>]*?\b(?:src|href)="([^"]+)"/g)];
  return [...links, ...markup].map(([, address = '']) => address);
}

/** Why an address leads nowhere; null when it leads somewhere, or out of the repository. */
function faultOf(from: string, address: string): string | null {
  if (/^https:\/\//.test(address)) return null;
  const [file = '', anchor] = address.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(ROOT, path))) return `${from}: there is no ${address}`;
  if (anchor === undefined) return null;
  return anchorsOf(path).includes(anchor) ? null : `${from}: ${path} has no heading for #${anchor}`;
}

describe('the documentation', () => {
  it.each(pages())('$path leads only to what is there', (each) => {
    const addresses = addressesIn(prose(each));
    expect(addresses.map((address) => faultOf(each.path, address)).filter((fault) => fault !== null)).toEqual([]);
  });

  it('can be reached from the README, page by page', () => {
    const { text } = page('README.md');
    const missing = pages().filter(({ path }) => path !== 'README.md' && !text.includes(`(${path})`));
    expect(missing.map(({ path }) => path)).toEqual([]);
  });
});

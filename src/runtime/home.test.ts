import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { canonicalPath, FileError, isWithin, replaceFile } from './home.ts';

describe('a path within a directory', () => {
  it.each([
    ['/a/b', '/a'],
    ['/a', '/a'],
    ['/a/..b', '/a'],
    ['/a', '/'],
    ['/', '/'],
  ])('%s lies in %s', (path, directory) => {
    expect(isWithin(path, directory)).toBe(true);
  });

  it.each([
    ['/ab', '/a'],
    ['/', '/a'],
    ['/a', '/a/b'],
    ['/c/b', '/a/b'],
  ])('%s does not lie in %s', (path, directory) => {
    expect(isWithin(path, directory)).toBe(false);
  });

  it('is judged by where links lead, once both are canonical', () => {
    const [here, there] = [temporaryDirectory(), temporaryDirectory()];
    mkdirSync(join(there, 'project/.planning'), { recursive: true });
    symlinkSync(there, join(here, 'disk'));
    const project = join(here, 'disk/project');
    expect(isWithin(canonicalPath(join(project, '.planning')), canonicalPath(project))).toBe(true);
    expect(isWithin(canonicalPath(join(project, '.planning')), canonicalPath(here))).toBe(false);
  });
});

describe('a small file', () => {
  it('is replaced as a whole', () => {
    const path = join(temporaryDirectory(), 'config.json');
    writeFileSync(path, 'a longer text');
    replaceFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('that cannot be replaced says why and what to do, and leaves nothing behind', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'config.json');
    mkdirSync(path);
    const replace = (): void => replaceFile(path, 'new');
    expect(replace).toThrow(FileError);
    expect(replace).toThrow(/config\.json could not be written \(EISDIR\)\. Make room .* try again\.$/);
    expect(readdirSync(directory)).toEqual(['config.json']);
  });
});

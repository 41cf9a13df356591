import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The branch that is checked out in `directory`, of a repository, a worktree or a submodule; the first 7 characters of
 * the commit when none is. Undefined outside of git. Reads git's own files, since starting git would cost a start-up.
 */
export function gitBranch(directory: string): string | undefined {
  for (let at = resolve(directory); ; at = dirname(at)) {
    // Asked with every question: a look at what is not there costs a tenth of a failed read.
    const head = existsSync(join(at, '.git')) ? readText(join(gitDirectory(at), 'HEAD')) : null;
    if (head !== null) return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? /^[0-9a-f]{7}/.exec(head)?.[0];
    if (dirname(at) === at) return undefined;
  }
}

/** A worktree or submodule has a file in place of the directory, which says where that is. */
function gitDirectory(root: string): string {
  const path = join(root, '.git');
  const link = /^gitdir: (.+)$/m.exec(readText(path) ?? '')?.[1];
  return link ? resolve(root, link.trim()) : path;
}

// Git's own are shorter by far. What comes with a project may be anything: a pipe would hold up this process for ever.
const FILE_BYTES_MAX = 4_096;

function readText(path: string): string | null {
  try {
    const facts = statSync(path);
    if (!facts.isFile() || facts.size > FILE_BYTES_MAX) return null;
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, a directory, or not ours to read: in each case the search goes on elsewhere.
    return null;
  }
}

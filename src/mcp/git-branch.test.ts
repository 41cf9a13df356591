import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { gitBranch } from './git-branch.ts';

function place(files: Record<string, string>): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('the branch of a project', () => {
  it('is found from a directory below the root, slashes and all', () => {
    const root = place({ '.git/HEAD': 'ref: refs/heads/feature/new-card\n', 'src/deep/file': '' });
    expect(gitBranch(join(root, 'src/deep'))).toBe('feature/new-card');
  });

  it('is that of the worktree, not of its main repository', () => {
    const root = place({
      'main/.git/HEAD': 'ref: refs/heads/main\n',
      'main/.git/worktrees/side/HEAD': 'ref: refs/heads/side\n',
      'side/.git': 'gitdir: ../main/.git/worktrees/side\n',
    });
    expect(gitBranch(join(root, 'side'))).toBe('side');
  });

  it('is the short commit while none is checked out', () => {
    expect(gitBranch(place({ '.git/HEAD': '0123456789abcdef0123456789abcdef01234567\n' }))).toBe('0123456');
  });

  it('is unknown outside of git, and where HEAD makes no sense', () => {
    expect(gitBranch('/nonexistent/place')).toBeUndefined();
    expect(gitBranch(place({ '.git/HEAD': '\n' }))).toBeUndefined();
  });
});

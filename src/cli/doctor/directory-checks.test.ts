import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newSession } from '../../../test/support/records.ts';
import { mountSmallDisk } from '../../../test/support/small-disk.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { registerProject } from '../../runtime/projects.ts';
import { checkHome, checkSessionsDirectories } from './directory-checks.ts';

function homeWith(...sessions: string[]): string {
  const home = temporaryDirectory();
  for (const directory of sessions) registerProject(home, directory);
  return home;
}

function sessionsDirectory(): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, '.gitignore'), '*\n');
  return directory;
}

describe('the check of the home', () => {
  it('takes a lock, measures it, and leaves nothing behind', async () => {
    const home = temporaryDirectory();
    expect(await checkHome(home)).toEqual([
      { id: 'home', title: 'Home', status: 'ok', detail: expect.stringMatching(/iB free\)$/) },
      { id: 'lock', title: 'Lock', status: 'ok', detail: expect.stringMatching(/^taken and given back in [\d.]+ ms$/) },
    ]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('warns when others can look into it, fails when they can change it, and warns when it is not there', async () => {
    const home = temporaryDirectory();
    chmodSync(home, 0o755);
    expect((await checkHome(home))[0]).toMatchObject({ status: 'warn', next: `chmod 700 ${home}` });
    chmodSync(home, 0o777);
    expect(await checkHome(home)).toMatchObject([{ status: 'fail', next: `chmod 700 ${home}` }]);
    expect(await checkHome(join(home, 'gone'))).toMatchObject([{ status: 'warn', next: 'Make it: switchboard setup' }]);
  });
});

describe('the check of the sessions directories', () => {
  it('says one line for those that are sound, and one for each that is not', async () => {
    const [sound, alsoSound, open] = [sessionsDirectory(), sessionsDirectory(), temporaryDirectory()];
    expect(await checkSessionsDirectories(homeWith())).toMatchObject([{ status: 'ok' }]);
    expect(await checkSessionsDirectories(homeWith(sound))).toMatchObject([{ id: `sessions:${sound}`, status: 'ok' }]);
    expect(await checkSessionsDirectories(homeWith(sound, alsoSound, open))).toMatchObject([
      { id: `sessions:${open}`, status: 'warn', detail: expect.stringContaining('no .gitignore') },
      { id: 'sessions', status: 'ok', detail: '2 directories, all sound' },
    ]);
  });

  it.each<[string, (path: string) => void]>([
    ['takes all of it', (path) => writeFileSync(path, '!*\n')],
    ['takes the session files', (path) => writeFileSync(path, '*\n!*.jsonl\n')],
    ['is empty', (path) => writeFileSync(path, '')],
    ['is a link, which git does not follow', (path) => symlinkSync(join(sessionsDirectory(), '.gitignore'), path)],
    ['has no end', (path) => symlinkSync('/dev/zero', path)],
  ])('warns of a .gitignore that came with the project and %s', async (_what, place) => {
    const directory = temporaryDirectory();
    const path = join(directory, '.gitignore');
    place(path);
    const detail = `${directory}: its .gitignore is not ours, so git may take the session files`;
    const next = `Make git pass it over: rm -f ${path}; echo '*' > ${path}`;
    expect(await checkSessionsDirectories(homeWith(directory))).toMatchObject([{ status: 'warn', detail, next }]);
    execFileSync('sh', ['-c', next.replace(/^[^:]*: /, '')]);
    expect(await checkSessionsDirectories(homeWith(directory))).toMatchObject([{ status: 'ok' }]);
  });

  it('finds the locks of the dead, and passes over those of the living and what is none', async () => {
    const directory = sessionsDirectory();
    const [old, fresh] = [newSession(), newSession()].map((session) => join(directory, '.locks', `${session}.lock`));
    const planted = join(directory, '.locks/a; touch b');
    for (const lock of [old, fresh, planted]) mkdirSync(lock as string, { recursive: true });
    for (const lock of [old, planted]) utimesSync(lock as string, new Date(0), new Date(0));
    expect(await checkSessionsDirectories(homeWith(directory))).toMatchObject([
      {
        status: 'warn',
        detail: `${directory}: 1 stale lock of processes that were killed`,
        next: `They hold nobody up for long. Remove them: rmdir ${old}`,
      },
    ]);
  });

  it('fails on a disk that is full or read-only', async () => {
    const directory = join(temporaryDirectory(), 'disk');
    const disk = mountSmallDisk(directory, 'size=1m,mode=0700');
    // Where no disk can be mounted, a place that nothing can be written into stands for it.
    if (!disk) mkdirSync(directory, { mode: 0o500 });
    const home = homeWith(directory);
    if (disk) {
      writeFileSync(join(directory, 'big'), Buffer.alloc(1020 * 1024));
      const detail = expect.stringMatching(/only 0 MiB free.*ENOSPC/);
      expect(await checkSessionsDirectories(home)).toMatchObject([{ status: 'fail', detail }]);
      disk.change('ro');
    }
    const detail = expect.stringMatching(/nothing can be written there \((EROFS|EACCES)\)/);
    expect(await checkSessionsDirectories(home)).toMatchObject([{ status: 'fail', detail }]);
  });
});

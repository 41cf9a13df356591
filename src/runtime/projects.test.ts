import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../test/support/silent-log.ts';
import { until } from '../../test/support/switchboard.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { registeredDirectories, registerProject, watchProjects } from './projects.ts';

function watched(home: string): string[] {
  const told: string[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const onDirectory = (directory: string): number => told.push(directory);
  watchProjects({ home, onDirectory, signal: end.signal, timings: { slowLook: 10 }, log: silentLog });
  return told;
}

describe('projects', () => {
  it('are registered once, in a file and a folder that only the user can read', () => {
    const home = temporaryDirectory();
    const directory = temporaryDirectory();
    registerProject(home, directory);
    registerProject(home, directory);
    const [name, ...others] = readdirSync(join(home, 'projects'));
    expect(others).toEqual([]);
    expect(statSync(join(home, 'projects', name ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'projects')).mode & 0o777).toBe(0o700);
    expect(registeredDirectories(home)).toEqual([directory]);
  });

  it('are told once each: those that are there at once, others as they come', async () => {
    const home = temporaryDirectory();
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    registerProject(home, first);
    const told = watched(home);
    expect(told).toEqual([first]);
    registerProject(home, second);
    await until(
      () => told.length === 2,
      () => 'the second project',
    );
    expect(told).toEqual([first, second]);
  });

  it('are one project when two paths lead to the same directory', () => {
    const home = temporaryDirectory();
    const directory = temporaryDirectory();
    const link = join(temporaryDirectory(), 'link');
    symlinkSync(directory, link);
    registerProject(home, directory);
    registerProject(home, link);
    expect(registeredDirectories(home)).toEqual([directory]);
    expect(watched(home)).toEqual([directory]);
  });

  it('whose directory vanished wait until it is there again', async () => {
    const home = temporaryDirectory();
    const directory = join(temporaryDirectory(), 'sessions');
    registerProject(home, directory);
    const told = watched(home);
    expect(told).toEqual([]);
    mkdirSync(directory);
    await until(
      () => told.length === 1,
      () => 'the project',
    );
  });

  it('that nobody has used for long and whose directory is gone are forgotten', () => {
    const home = temporaryDirectory();
    registerProject(home, '/nowhere/sessions');
    const [name] = readdirSync(join(home, 'projects'));
    const longAgo = new Date(Date.now() - 100 * 24 * 60 * 60_000);
    utimesSync(join(home, 'projects', name ?? ''), longAgo, longAgo);
    watched(home);
    expect(readdirSync(join(home, 'projects'))).toEqual([]);
  });

  it('survive broken files, a folder that vanishes and one that comes back', async () => {
    const home = temporaryDirectory();
    const folder = join(home, 'projects');
    const directory = temporaryDirectory();
    mkdirSync(folder);
    for (const [name, text] of Object.entries({
      'a.json': '',
      'b.json': '{"sessions_directory": "relative"}',
      'c.json': '{"sessions_directory": 7}',
      'd.json': '\0\0\0',
      'e.txt': 'x',
    })) {
      writeFileSync(join(folder, name), text);
    }
    const told = watched(home);
    expect(told).toEqual([]);
    renameSync(folder, join(home, 'away'));
    registerProject(home, directory);
    await until(
      () => told.length === 1,
      () => 'the project',
    );
    rmSync(folder, { recursive: true });
    expect(registeredDirectories(home)).toEqual([]);
  });
});

import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { canonicalPath, hashedName, makePrivateDirectory, replaceFile } from './home.ts';
import type { Logger } from './log.ts';
import type { Timings } from './timings.ts';

// A project that is gone for longer than a long holiday does not come back by itself; if it does, its next session
// registers it again.
const GONE_MS_MAX = 60 * 24 * 60 * 60_000;

const projectFile = z.object({ sessions_directory: z.string().refine(isAbsolute) });

/** Tells the hub of a sessions directory, by a small file that outlives both. Cheap and harmless to repeat. */
export function registerProject(home: string, sessionsDirectory: string): void {
  const directory = resolve(sessionsDirectory);
  const path = projectPath(home, directory);
  if (readProject(path) === directory) {
    const now = new Date();
    utimesSync(path, now, now); // Says that the project is still in use.
    return;
  }
  makePrivateDirectory(projectsFolder(home));
  replaceFile(path, `${JSON.stringify({ v: 1, sessions_directory: directory })}\n`);
}

/** Takes back what `registerProject` said, for a project that does not come back. Harmless to repeat. */
export function forgetProject(home: string, sessionsDirectory: string): void {
  rmSync(projectPath(home, resolve(sessionsDirectory)), { force: true });
}

/** Every registered sessions directory that exists, under one name each. Broken files are passed over. */
export function registeredDirectories(home: string): string[] {
  const found = projectPaths(home).map((path) => existing(readProject(path)));
  return [...new Set(found.filter((directory) => directory !== null))].sort();
}

/**
 * Calls `onDirectory` once for each registered sessions directory as soon as it exists, at once for those that do,
 * until `signal` aborts. Only a slow look: a session that has just registered also says so through its hub link.
 */
export function watchProjects(options: {
  home: string;
  onDirectory: (directory: string) => void;
  signal: AbortSignal;
  timings: Pick<Timings, 'slowLook'>;
  log: Logger;
}): void {
  const { home, onDirectory, signal, timings, log } = options;
  const told = new Set<string>();
  const done = new Set<string>();
  const broken = new Set<string>();
  const look = (): void => {
    for (const path of projectPaths(home)) {
      if (done.has(path)) continue;
      const registered = readProject(path);
      if (registered === null && !broken.has(path)) {
        broken.add(path);
        log.warn({ path }, 'a project file cannot be read; the project registers again with its next session');
      }
      const directory = existing(registered);
      if (directory === null) {
        if (registered !== null) forgetWhenLongGone(path, log);
        continue;
      }
      done.add(path);
      if (told.has(directory)) continue;
      told.add(directory);
      onDirectory(directory);
    }
  };
  look();
  const timer = setInterval(look, timings.slowLook);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

function projectsFolder(home: string): string {
  return join(home, 'projects');
}

function projectPath(home: string, directory: string): string {
  return join(projectsFolder(home), `${hashedName(directory)}.json`);
}

function projectPaths(home: string): string[] {
  const folder = projectsFolder(home);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // Nobody has registered yet, or the folder was removed: both mean no projects.
  }
  return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
}

// Paths are shorter. Whatever else lies there (a pipe, a device) must not hold up the hub.
const FILE_BYTES_MAX = 64 * 1024;

function readProject(path: string): string | null {
  try {
    const facts = statSync(path);
    if (!facts.isFile() || facts.size > FILE_BYTES_MAX) return null;
    return projectFile.parse(JSON.parse(readFileSync(path, 'utf8'))).sessions_directory;
  } catch {
    return null; // Missing or broken: the caller says so where it matters.
  }
}

function existing(directory: string | null): string | null {
  if (directory === null) return null;
  try {
    return statSync(directory).isDirectory() ? canonicalPath(directory) : null;
  } catch {
    return null; // Gone, not allowed, or a mount that has dropped: one project must not take down the others.
  }
}

function forgetWhenLongGone(path: string, log: Logger): void {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (!facts || Date.now() - facts.mtimeMs < GONE_MS_MAX) return;
  rmSync(path, { force: true });
  log.info({ path }, 'forgot a project whose sessions directory is long gone');
}

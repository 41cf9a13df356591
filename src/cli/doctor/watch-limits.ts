import { readdir, readFile, readlink } from 'node:fs/promises';
import type { Finding } from './finding.ts';

// Beyond this share of a limit the next few programs reach it.
const FULL_SHARE = 0.9;
const LIMITS = '/proc/sys/fs/inotify';

/** How much of what this user may watch is in use? Only Linux counts it. */
export async function checkWatchLimits(): Promise<Finding> {
  const found = { id: 'watches', title: 'Watches' };
  const instancesMax = await numberIn(`${LIMITS}/max_user_instances`);
  const watchesMax = await numberIn(`${LIMITS}/max_user_watches`);
  if (instancesMax === null || watchesMax === null) return { ...found, status: 'ok', detail: 'not limited here' };
  const { instances, watches } = await inUse();
  const detail = `${instances} of ${instancesMax} watchers and ${watches} of ${watchesMax} watches in use`;
  if (instances < instancesMax * FULL_SHARE && watches < watchesMax * FULL_SHARE) {
    return { ...found, status: 'ok', detail };
  }
  return {
    ...found,
    status: 'warn',
    detail: `${detail}: beyond that, changes are seen up to 2 s late`,
    next: `sudo sysctl fs.inotify.max_user_instances=${instancesMax * 4} fs.inotify.max_user_watches=${watchesMax * 2}`,
  };
}

/** What the processes of this user hold, as far as they can be looked into. */
async function inUse(): Promise<{ instances: number; watches: number }> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const perProcess = await Promise.all(pids.map(ofProcess));
  return {
    instances: perProcess.reduce((sum, { instances }) => sum + instances, 0),
    watches: perProcess.reduce((sum, { watches }) => sum + watches, 0),
  };
}

async function ofProcess(pid: string): Promise<{ instances: number; watches: number }> {
  let descriptors: string[];
  try {
    descriptors = await readdir(`/proc/${pid}/fd`);
  } catch {
    return { instances: 0, watches: 0 }; // Somebody else's, or gone.
  }
  const counts = await Promise.all(
    descriptors.map(async (fd) => {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''); // Closed meanwhile.
      if (!target.endsWith('inotify')) return null;
      const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '');
      return info.split('\n').filter((line) => line.startsWith('inotify ')).length;
    }),
  );
  const own = counts.filter((count) => count !== null);
  return { instances: own.length, watches: own.reduce((sum, count) => sum + count, 0) };
}

async function numberIn(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => ''); // Another system, or a container without it.
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

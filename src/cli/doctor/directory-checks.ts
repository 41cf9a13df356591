import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registeredDirectories } from '../../runtime/projects.ts';
import { LOCK_STALE_MS } from '../../store/jsonl/jsonl-store.ts';
import { GITIGNORE, SessionFiles, sessionOfLockName } from '../../store/jsonl/session-files.ts';
import { lockSession } from '../../store/jsonl/session-lock.ts';
import { type Finding, type Verdict, worst } from './finding.ts';

const MIB = 1024 * 1024;
const FREE_WARN = 100 * MIB;
const FREE_FAIL = MIB;
// Above any block size: a full disk takes none of it.
const TRIAL_BYTES = 16 * 1024;
const LOCK_MS_MAX = 2_000;
// Ours has two.
const GITIGNORE_BYTES_MAX = 1_024;
// The library dates a lock up to a second ahead.
const LOCK_AHEAD_MS = 2_000;

/** Kinds of file systems by the magic number that Linux gives them; `network`: change events and locks differ there. */
const KINDS: Readonly<Record<number, { name: string; network?: true }>> = {
  26985: { name: 'nfs', network: true },
  20859: { name: 'smb', network: true },
  4283649346: { name: 'cifs', network: true },
  4266872130: { name: 'smb2', network: true },
  16914839: { name: '9p', network: true },
  1702057286: { name: 'fuse', network: true },
  2020557398: { name: 'vboxsf', network: true },
  12805120: { name: 'ceph', network: true },
  198183888: { name: 'lustre', network: true },
  1196443219: { name: 'gpfs', network: true },
  1397113167: { name: 'afs', network: true },
  1937076805: { name: 'coda', network: true },
  61267: { name: 'ext4' },
  1481003842: { name: 'xfs' },
  2435016766: { name: 'btrfs' },
  801189825: { name: 'zfs' },
  4076150800: { name: 'f2fs' },
  16914836: { name: 'tmpfs' },
  2035054128: { name: 'overlay' },
  19780: { name: 'fat' },
  538032816: { name: 'exfat' },
  1397118030: { name: 'ntfs' },
  3393526350: { name: 'bcachefs' },
};

/** What is wrong with a directory, if anything. */
interface Trouble {
  readonly status: Verdict;
  readonly detail: string;
  readonly next?: string;
}

/** Is the home what it must be: there, ours alone, writable, with room and on a disk of this machine? */
export async function checkHome(home: string): Promise<Finding[]> {
  const found = { id: 'home', title: 'Home' };
  if (!existsSync(home)) {
    return [{ ...found, status: 'warn', detail: `${home} is not there yet`, next: 'Make it: switchboard setup' }];
  }
  const { troubles, facts } = await lookAt(home, { mode: true });
  const lock = troubles.some(({ status }) => status === 'fail') ? [] : [await tryLock(home)];
  return [summed(found, home, troubles, facts), ...lock];
}

/** The same of every sessions directory that is registered: one finding each that is not as it should be. */
export async function checkSessionsDirectories(home: string): Promise<Finding[]> {
  const directories = registeredDirectories(home);
  const found = { id: 'sessions', title: 'Sessions' };
  if (directories.length === 0) return [{ ...found, status: 'ok', detail: 'no project has asked anything yet' }];
  const all = await Promise.all(directories.map((directory) => checkSessions(directory)));
  const bad = all.filter(({ status }) => status !== 'ok');
  const [only] = all;
  const sound = all.length - bad.length;
  if (only && all.length === 1) return [only];
  return [
    ...bad,
    ...(sound > 0 ? [{ ...found, status: 'ok' as const, detail: `${sound} directories, all sound` }] : []),
  ];
}

async function checkSessions(directory: string): Promise<Finding> {
  const found = { id: `sessions:${directory}`, title: 'Sessions' };
  const { troubles, facts } = await lookAt(directory, { mode: false });
  const { gitignore, locks } = new SessionFiles(directory);
  const taken = await takenByGit(gitignore);
  if (taken) {
    const next = `Make git pass it over: rm -f ${gitignore}; echo '*' > ${gitignore}`;
    troubles.push({ status: 'warn', detail: taken, next });
  }
  const stale = await staleLocks(locks);
  if (stale.length > 0) {
    const detail = `${stale.length} stale lock${stale.length === 1 ? '' : 's'} of processes that were killed`;
    troubles.push({
      status: 'warn',
      detail,
      next: `They hold nobody up for long. Remove them: rmdir ${stale.join(' ')}`,
    });
  }
  if (!troubles.some(({ status }) => status === 'fail')) {
    const lock = await tryLock(directory);
    if (lock.status !== 'ok') troubles.push(lock);
  }
  return summed(found, directory, troubles, facts);
}

/** Why git may take session files, in words; null when it does not. A project may come with a `.gitignore` of its own. */
async function takenByGit(gitignore: string): Promise<string | null> {
  const facts = await lstat(gitignore).catch(() => null); // Missing.
  if (!facts) return 'it has no .gitignore, so git would take the session files';
  // Through a link git does not read one.
  const text = facts.isFile() && facts.size <= GITIGNORE_BYTES_MAX ? await readFile(gitignore, 'utf8') : '';
  return text.trim() === GITIGNORE.trim() ? null : 'its .gitignore is not ours, so git may take the session files';
}

function summed(
  found: Pick<Finding, 'id' | 'title'>,
  path: string,
  troubles: readonly Trouble[],
  facts: string,
): Finding {
  const details = troubles.map(({ detail }) => detail);
  const next = troubles.flatMap((trouble) => (trouble.next ? [trouble.next] : [])).join('; ');
  return {
    ...found,
    status: worst(troubles.map(({ status }) => status)),
    detail: details.length > 0 ? `${path}: ${details.join('; ')}` : `${path} (${facts})`,
    ...(next ? { next } : {}),
  };
}

async function lookAt(path: string, { mode: judgeMode }: { mode: boolean }) {
  const troubles: Trouble[] = [];
  const { uid, mode } = await stat(path);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) {
    troubles.push({ status: 'fail', detail: 'it belongs to another user', next: `chown it, or choose another` });
  } else if (own !== undefined && (mode & 0o022) !== 0) {
    const status = judgeMode ? 'fail' : 'warn';
    troubles.push({ status, detail: 'other users can change it', next: `chmod 700 ${path}` });
  } else if (own !== undefined && judgeMode && (mode & 0o055) !== 0) {
    troubles.push({ status: 'warn', detail: 'other users can look into it', next: `chmod 700 ${path}` });
  }
  const { type, bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const room = `${free >= 1024 * MIB ? `${Math.round(free / MIB / 1024)} GiB` : `${Math.floor(free / MIB)} MiB`} free`;
  if (free < FREE_WARN) {
    troubles.push({ status: free < FREE_FAIL ? 'fail' : 'warn', detail: `only ${room}`, next: 'Make room there' });
  }
  const kind = process.platform === 'linux' ? KINDS[type] : undefined;
  if (kind?.network) {
    const detail = `it lies on ${kind.name}: changes by others are seen late there, and locks may not hold`;
    troubles.push({ status: 'warn', detail, next: 'Better on a disk of this machine' });
  }
  const written = await tryWriting(path);
  if (written)
    troubles.push({ status: 'fail', detail: `nothing can be written there (${written})`, next: 'Mend that' });
  return { troubles, facts: [kind?.name, room].filter(Boolean).join(', ') };
}

/** Why nothing can be written into a directory; null when it can. Leaves nothing behind. */
async function tryWriting(path: string): Promise<string | null> {
  const trial = join(path, `.doctor-${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(trial, Buffer.alloc(TRIAL_BYTES), { mode: 0o600, flag: 'wx' });
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    await rm(trial, { force: true }).catch(() => undefined); // It could not be written either.
  }
}

/** Takes a lock and gives it back, as every append does. */
async function tryLock(path: string): Promise<Finding> {
  const found = { id: 'lock', title: 'Lock' };
  const scratch = join(path, `.doctor-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(scratch, { mode: 0o700 });
    const place = {
      log: join(scratch, 'log'),
      lock: join(scratch, 'lock'),
      stale: LOCK_STALE_MS,
      deadline: LOCK_MS_MAX,
    };
    const began = performance.now();
    const { without, release } = await lockSession(place, new AbortController().signal);
    release();
    const ms = performance.now() - began;
    if (without) return { ...found, status: 'fail', detail: `a lock cannot be had: ${without.detail}` };
    return { ...found, status: 'ok', detail: `taken and given back in ${ms.toFixed(1)} ms` };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function staleLocks(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []); // Made by the first append.
  // What is called otherwise came with the project: its name might be a command, and what to do is copied into a shell.
  const paths = names.filter(sessionOfLockName).map((name) => join(directory, name));
  const ages = await Promise.all(
    paths.map(async (path) => {
      const facts = await stat(path).catch(() => null); // Given back in this moment.
      return facts ? Date.now() - facts.mtimeMs : 0;
    }),
  );
  return paths.filter((_, index) => (ages[index] ?? 0) > LOCK_STALE_MS + LOCK_AHEAD_MS);
}

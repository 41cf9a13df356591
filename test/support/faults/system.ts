import { execFileSync } from 'node:child_process';
import { canClaimPids } from './pid-claim.ts';

// What the fault suite needs of the system, and how to see whether it is there.
const NEEDS = {
  linux: ['Linux: /proc and inotify', () => process.platform === 'linux'],
  mount: [
    'to be allowed to mount a tmpfs (root, e.g. in a container)',
    () => runs('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'),
  ],
  'ext4 image': [
    'to be allowed to mount an ext4 that lies in a file (root, mkfs.ext4, a loop device)',
    () =>
      runs(
        'sh',
        '-c',
        'd=$(mktemp -d) && truncate -s 8M $d/disk && mkfs.ext4 -q -F $d/disk && unshare --mount mount -o loop $d/disk /mnt; s=$?; rm -r $d; exit $s',
      ),
  ],
  setpriv: ['the command setpriv (util-linux)', () => runs('setpriv', '--version')],
  'pid namespaces': ['to be allowed to make pid namespaces (root)', () => runs('unshare', '--pid', '--fork', 'true')],
  'host names': ['to be allowed to rename the host for a process (root)', () => runs('unshare', '--uts', 'true')],
  'user namespaces': [
    'to be allowed to make user namespaces',
    () => runs('unshare', '--user', '--map-root-user', 'true'),
  ],
  'chosen pids': ['to be allowed to choose the pid of a process (root, perl)', canClaimPids],
} as const satisfies Record<string, readonly [string, () => boolean]>;

/** Something that a part of the suite cannot do without. */
export type Need = keyof typeof NEEDS;

const known = new Map<Need, boolean>();

function has(need: Need): boolean {
  const found = known.get(need) ?? NEEDS[need][1]();
  known.set(need, found);
  return found;
}

/** Is any of these missing here? In CI nothing may be: there what needs it runs, and fails. */
export function unless(...needs: readonly Need[]): boolean {
  return !process.env.CI && needs.some((need) => !has(need));
}

/** What is missing here, in words; empty when the whole suite can run. */
export function missingHere(): string[] {
  return (Object.keys(NEEDS) as Need[]).filter((need) => !has(need)).map((need) => NEEDS[need][0]);
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

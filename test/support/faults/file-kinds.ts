import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SmallDisk } from '../small-disk.ts';
import { kill } from '../switchboard.ts';
import type { FaultLine } from './fault-line.ts';
import type { FaultKind } from './kinds.ts';
import { isStopped, standStill } from './power.ts';

// What happens to the file of a session, and to the disk that it lies on.

export const DIRECTORY_READ_ONLY = 'the directory may not be written for a while';
export const DISK_FULL = 'the disk is full for a while';
export const DISK_READ_ONLY = 'the disk may not be written for a while';
const CHANGES_MAX = 20;

/** Puts something into the place of the file while its owner cannot act. */
function inItsPlace(line: FaultLine, put: (path: string) => void): undefined {
  kill(line.asker.pid, 'SIGSTOP');
  rmSync(line.path, { force: true });
  put(line.path);
  kill(line.asker.pid, 'SIGCONT');
}

export function replaceBy({ path }: FaultLine, text: string): undefined {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function firstLines(line: FaultLine, count: number): string {
  return line
    .fileText()
    .split('\n')
    .slice(0, count)
    .map((text) => `${text}\n`)
    .join('');
}

// An earlier fault may have put something else into its place; a session that is over may be in the archive.
export const hasFile = ({ path }: FaultLine): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

const HALF_A_RECORD = '{"v":1,"event_id":"half","type":"answ';

const DAMAGES: readonly FaultKind[] = [
  {
    name: 'a torn line stands at the end of the file',
    inject: (line) => {
      appendFileSync(line.path, HALF_A_RECORD);
      return undefined;
    },
  },
  {
    name: 'lines of garbage are written into the file',
    inject: (line) => {
      appendFileSync(line.path, `\n\0\0\n${HALF_A_RECORD}\n[]\n`);
      return undefined;
    },
  },
  {
    name: 'the file is replaced by a copy of itself',
    inject: (line) => replaceBy(line, readFileSync(line.path, 'utf8')),
  },
  {
    name: 'the file is replaced by an older copy',
    destroys: true,
    inject: (line) => replaceBy(line, firstLines(line, 2)),
  },
  {
    name: 'the file is replaced by garbage',
    destroys: true,
    inject: (line) => replaceBy(line, 'garbage\n'.repeat(500)),
  },
  {
    name: 'the file is emptied',
    destroys: true,
    inject: (line) => {
      truncateSync(line.path, 0);
      return undefined;
    },
  },
  {
    name: 'the file is cut off within its last line',
    destroys: true,
    inject: (line) => {
      truncateSync(line.path, readFileSync(line.path).length - 30);
      return undefined;
    },
  },
  {
    name: 'the file is deleted',
    destroys: true,
    inject: (line) => {
      rmSync(line.path);
      return undefined;
    },
  },
  {
    name: 'the file becomes a directory',
    destroys: true,
    inject: (line) => inItsPlace(line, (path) => mkdirSync(path)),
  },
  {
    name: 'the file becomes a symbolic link',
    destroys: true,
    inject: (line) => inItsPlace(line, (path) => symlinkSync('/etc/hostname', path)),
  },
];

/** A writer looks at the end of the file, another one dies within its line, the first one writes. */
const TORN_UNDER_WRITES: FaultKind = {
  name: 'every second write meets a line that another writer has just torn',
  inject: (line) => {
    line.control({ tears: HALF_A_RECORD });
    return undefined;
  },
};

export const FILE_FAULTS: readonly FaultKind[] = [
  ...DAMAGES.map((kind) => ({ ...kind, possible: hasFile })),
  TORN_UNDER_WRITES,
];

/** What the directory of the sessions lies on is full, or may not be written; the disk is given by the test. */
export const diskFaults = (disk: () => SmallDisk, ballast: () => string): readonly FaultKind[] => [
  {
    name: DISK_FULL,
    lastsMs: 300,
    inject: () => {
      fill(ballast());
      return () => rmSync(ballast());
    },
  },
  {
    name: DISK_READ_ONLY,
    lastsMs: 300,
    inject: async (line) => {
      await endAppends(line);
      await untilChanged(disk(), 'ro');
      return () => disk().change('rw');
    },
  },
];

/** Who was stopped within an append, to whatever file, has that open, and the system would refuse for as long: it may end. */
async function endAppends({ asker, hubs, place }: FaultLine): Promise<void> {
  for (const pid of [asker.pid, ...hubs]) {
    while (isStopped(pid) && hasOpenIn(pid, place.project)) {
      kill(pid, 'SIGCONT');
      await sleep(1);
      await standStill(() => [pid]);
    }
  }
}

function hasOpenIn(pid: number, directory: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${directory}/`),
    );
  } catch {
    return false; // It has ended.
  }
}

/** The system refuses as long as somebody has a file open for writing, which is a millisecond. */
async function untilChanged(disk: SmallDisk, options: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return disk.change(options);
    } catch (error) {
      if (attempt === CHANGES_MAX) throw error;
      await sleep(2 * attempt);
    }
  }
}

/** Writes until nothing more fits, down to the last byte. */
function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

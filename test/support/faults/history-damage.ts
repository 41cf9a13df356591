import { appendFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FILES, LOCKS } from './history-kinds.ts';

const HALF = '{"v":1,"event_id":"half","type":"answer","timestamp":"2026-11-20T10:00:00.000Z","wri';

/** Does something to a log; `cut` says how much of it, from 0 to 1. Returns whether that may destroy what only the log held. */
export function damageFile(path: string, damage: (typeof FILES)[number], cut: number): boolean {
  switch (damage) {
    case 'torn line':
      appendFileSync(path, HALF.slice(0, Math.floor(cut * HALF.length)));
      return false;
    case 'garbage':
      appendFileSync(path, '\n\0garbage\n{"v":1}\n[]\n');
      return false;
    case 'replaced by its copy':
      replace(path, readFileSync(path, 'utf8'));
      return false;
    case 'older copy': {
      const lines = readFileSync(path, 'utf8').split('\n');
      replace(path, [...lines.slice(0, 1 + Math.floor(cut * (lines.length - 2))), ''].join('\n'));
      return true;
    }
    case 'deleted':
      rmSync(path);
      return true;
    default:
      return damage satisfies never;
  }
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Does something to a lock; returns what goes on until it is cleared. */
export function damageLock(lock: string, damage: (typeof LOCKS)[number]): NodeJS.Timeout | null {
  mkdirSync(dirname(lock), { recursive: true });
  switch (damage) {
    case 'dead holder':
      quietly(() => mkdirSync(lock));
      return null;
    case 'damaged':
      quietly(() => rmdirSync(lock));
      quietly(() => writeFileSync(lock, '', { flag: 'wx' }));
      return null;
    case 'stolen':
      return setInterval(() => quietly(() => rmdirSync(lock)), 2);
    default:
      return damage satisfies never;
  }
}

/** Somebody else may hold the lock, or nobody: that is the point. */
function quietly(job: () => void): void {
  try {
    job();
  } catch {
    // As it was.
  }
}

import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { FILES, LOCKS } from './history-kinds.ts';

const HALF = '{"v":1,"event_id":"half","type":"answer","timestamp":"2026-11-20T10:00:00.000Z","wri';

/** Does something to a log; `cut` says how much of it, from 0 to 1. Returns whether that may destroy what only the log held. */
export function damageFile(
  path: string,
  damage: Exclude<(typeof FILES)[number], 'losing claims'>,
  cut: number,
): boolean {
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

/**
 * A writer that loses every race: behind each answer that ends a question it leaves another one that claims the same slot.
 * Nobody may take that for the answer. Goes on until it is cleared.
 */
export function loseClaims(path: string): NodeJS.Timeout {
  const lost = new Set<unknown>();
  return setInterval(() => {
    for (const { v, type, slot, question_id, timestamp } of recordsIn(path)) {
      if (type !== 'answer' || lost.has(slot)) continue;
      lost.add(slot);
      const answered_by = { channel: 'telegram', id: '7', name: 'Ada' };
      const claim = { v, event_id: randomUUID(), slot, type, timestamp, writer: 'hub:99', question_id };
      const answer = { answer: 'a losing claim', answered_by, answered_at: timestamp };
      appendFileSync(path, `\n${JSON.stringify({ ...claim, ...answer })}\n`);
    }
  }, 1);
}

/** The lines of a log that are records. */
export function recordsIn(path: string): Record<string, unknown>[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return []; // Torn by a crash.
      }
    });
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

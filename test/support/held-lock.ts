import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './switchboard.ts';

/** Takes the lock of a session as a holder that does not move has it, as soon as nobody else has. */
export function holdLock(sessionsDirectory: string, session: string): Promise<void> {
  const lock = join(sessionsDirectory, '.locks', `${session}.lock`);
  return until(
    () => {
      try {
        mkdirSync(lock);
        return true;
      } catch {
        return false; // Whoever wrote the last record has it still, or nobody has locked anything yet.
      }
    },
    () => 'the lock to be free',
  );
}

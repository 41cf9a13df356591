import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Calls `onChange` whenever `config.json` of a home is written, made or removed; returns how to stop looking. */
export function watchConfigFile(home: string, lookMs: number, onChange: () => void): () => void {
  const path = join(home, 'config.json');
  let seen = stampOf(path);
  const timer = setInterval(() => {
    const now = stampOf(path);
    if (now === seen) return;
    seen = now;
    onChange();
  }, lookMs);
  return () => clearInterval(timer);
}

function stampOf(path: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return `${ino}.${mtimeNs}.${size}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

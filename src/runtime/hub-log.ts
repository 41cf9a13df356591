import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { printableJson } from '../domain/text.ts';
import type { Logger } from './log.ts';

const FILE_BYTES_MAX = 5 * 1024 * 1024;
const OLD_FILES = 3;
// A shorter one is no secret worth the name, and would blot out half of every sentence.
const SECRET_CHARS_MIN = 4;

/** One entry of the log as it is written. */
export interface LogEntry {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

/** The hub's log and the way to close it. */
export interface HubLog {
  readonly log: Logger;
  /** Blots out this secret, too, from now on. */
  hide(secret: string): void;
  close(): void;
}

/**
 * Opens `hub.log` in the home: JSON lines, mode 0600, a new file every 5 MB, three old ones kept. The file is made
 * with the first entry. Secrets are blotted out wherever they stand; a failing write loses its entry and nothing else.
 */
export function openHubLog(options: {
  home: string;
  secrets: readonly string[];
  onEntry?: (entry: LogEntry) => void;
}): HubLog {
  const file = new RotatingFile(join(options.home, 'hub.log'));
  const secrets = options.secrets.filter((secret) => secret.length >= SECRET_CHARS_MIN);
  const write = (line: string): void => {
    // Within texts alone: a secret that is a number must not turn the entry into something else.
    const entry = JSON.parse(line, (_, value) => (typeof value === 'string' ? withoutSecrets(value, secrets) : value));
    file.write(`${printableJson(entry)}\n`);
    options.onEntry?.(entry);
  };
  const log = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  return { log, hide: (secret) => void secrets.push(secret), close: () => file.close() };
}

/** Replaces known secrets in a text, and whatever has the shape of a bot token. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, '***'), text).replace(/\d{6,}:[\w-]{30,}/g, '***');
}

class RotatingFile {
  private readonly path: string;
  private fd: number | null = null;
  private bytes = 0;
  private lookAgainAt = 0;

  constructor(path: string) {
    this.path = path;
  }

  write(line: string): void {
    try {
      this.reopenWhenNeeded();
      this.fd ??= this.open();
      this.bytes += writeSync(this.fd, line);
    } catch {
      // A full disk or a removed home must not end the hub, and there is no other place to tell.
      this.close();
    }
  }

  close(): void {
    if (this.fd === null) return;
    const { fd } = this;
    this.fd = null;
    closeSync(fd);
  }

  private open(): number {
    const fd = openSync(this.path, 'a', 0o600);
    this.bytes = fstatSync(fd).size;
    return fd;
  }

  /** Begins a new file when this one is full, or was removed by somebody who wanted a fresh one. */
  private reopenWhenNeeded(): void {
    if (this.fd === null) return;
    if (this.bytes >= FILE_BYTES_MAX) {
      this.close();
      this.rotate();
      return;
    }
    const now = performance.now();
    if (now < this.lookAgainAt) return;
    this.lookAgainAt = now + 1_000;
    if (fstatSync(this.fd).nlink === 0) this.close();
  }

  private rotate(): void {
    rmSync(`${this.path}.${OLD_FILES}`, { force: true });
    for (let age = OLD_FILES - 1; age >= 0; age -= 1) {
      const older = age === 0 ? this.path : `${this.path}.${age}`;
      try {
        renameSync(older, `${this.path}.${age + 1}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }
}

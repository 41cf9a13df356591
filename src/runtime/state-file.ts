import { readFileSync } from 'node:fs';
import { replaceFile } from './home.ts';
import type { Logger } from './log.ts';

/**
 * Small facts that people have set, such as what is muted: one JSON object in a file of the home, by section. Written
 * by the hub alone. What cannot be read counts as empty, since none of it is worth a hub that does not start.
 */
export class StateFile {
  readonly #path: string | null;
  readonly #log: Logger;
  readonly #sections: Record<string, unknown>;

  /** `path`: null keeps everything in memory only. */
  constructor(path: string | null, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#sections = path === null ? {} : this.#read(path);
  }

  /** What was set last; undefined when nothing was. The caller checks its shape: people can edit the file. */
  get(section: string): unknown {
    return this.#sections[section];
  }

  /** Keeps a section, and writes it down. A file that cannot be written is logged; the fact holds until the hub ends. */
  set(section: string, value: unknown): void {
    this.#sections[section] = value;
    if (this.#path === null) return;
    try {
      replaceFile(this.#path, `${JSON.stringify(this.#sections, null, 2)}\n`);
    } catch (error) {
      this.#log.warn(
        { path: this.#path, error: String(error) },
        'could not be written; it is forgotten at the next start',
      );
    }
  }

  #read(path: string): Record<string, unknown> {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') this.#log.warn({ path, code }, 'could not be read; going on without it');
      return {};
    }
    try {
      const content: unknown = JSON.parse(text);
      if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
    } catch {
      // Said below, as of any other content that is no JSON object.
    }
    this.#log.warn({ path }, 'is damaged; going on without what it said');
    return {};
  }
}

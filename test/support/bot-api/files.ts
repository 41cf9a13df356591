import { badRequest } from './wire.ts';

/** What a bot may download: 20 MB. */
const DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024;

interface StoredFile {
  readonly file_id: string;
  readonly file_unique_id: string;
  readonly file_size: number;
  readonly file_path: string;
  readonly content: Buffer;
  readonly tellsSize: boolean;
}

/** How a message names a file. */
export interface FileHandle {
  readonly file_id: string;
  readonly file_unique_id: string;
  readonly file_size?: number;
}

/** The files that people have sent. */
export class Files {
  readonly #files = new Map<string, StoredFile>();

  /** Keeps a file. `size`: what it claims to have, without being so long; `tellsSize`: the message says it. */
  add(content: string | Buffer, { size, tellsSize = true }: { size?: number; tellsSize?: boolean } = {}): FileHandle {
    const bytes = Buffer.from(content);
    const number = this.#files.size + 1;
    const file = {
      file_id: `AgACAgIAAxkBAAI${String(number).padStart(6, '0')}`,
      file_unique_id: `AQAD${number}`,
      file_size: size ?? bytes.length,
      file_path: `documents/file_${number}.bin`,
      content: bytes,
      tellsSize,
    };
    this.#files.set(file.file_id, file);
    return {
      file_id: file.file_id,
      file_unique_id: file.file_unique_id,
      ...(tellsSize ? { file_size: file.file_size } : {}),
    };
  }

  /** What getFile answers. */
  get(fileId: unknown): object {
    const file = this.#files.get(String(fileId));
    if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (file.file_size > DOWNLOAD_BYTES_MAX) throw badRequest('file is too big');
    const { file_id, file_unique_id, file_path, file_size, tellsSize } = file;
    return { file_id, file_unique_id, file_path, ...(tellsSize ? { file_size } : {}) };
  }

  /** What lies at a path; undefined: nothing. */
  at(path: string): Buffer | undefined {
    return [...this.#files.values()].find(({ file_path }) => file_path === path)?.content;
  }
}

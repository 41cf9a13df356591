import { StoreError, type StoreErrorCode } from '../errors.ts';

/** The system's code of an error (`ENOENT`), or an empty text when it has none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The codes that come from the system. */
type SystemErrorCode = Exclude<StoreErrorCode, 'ARCHIVED'>;

const CODES: Readonly<Record<string, SystemErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'NOT_WRITABLE',
  EPERM: 'NOT_WRITABLE',
  EROFS: 'NOT_WRITABLE',
  ENOENT: 'NO_DIRECTORY',
  ENOTDIR: 'NO_DIRECTORY',
};

/** What the system refused, as an error that says what is wrong, what state that leaves, and what to do. */
export function storeError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = CODES[systemCode(error)] ?? 'IO';
  return new StoreError(code, sentence(code, error, path), { cause: error });
}

/** The disk took only a part of a line: the torn tail stays, and the next append ends it. */
export function diskFullError(path: string): StoreError {
  return new StoreError('DISK_FULL', sentence('DISK_FULL', null, path));
}

function sentence(code: SystemErrorCode, error: unknown, path: string): string {
  switch (code) {
    case 'DISK_FULL':
      return `The disk is full, ${path} could not be written; nothing was confirmed. Free some space and try again.`;
    case 'NOT_WRITABLE':
      return (
        `${path} may not be written; nothing was confirmed. Give yourself the rights to it ` +
        '(files need 0600, directories 0700), or choose another directory with SWITCHBOARD_SESSIONS_DIR.'
      );
    case 'NO_DIRECTORY':
      return (
        `${path} cannot be there: a directory on the way is missing or is a file; nothing was confirmed. ` +
        'Mend the path, or choose another directory with SWITCHBOARD_SESSIONS_DIR.'
      );
    case 'IO': {
      const said = error instanceof Error ? error.message : String(error);
      return `The system refused ${path}: ${said}; nothing was confirmed. Try again; if it stays, look at the disk.`;
    }
    default:
      return code satisfies never;
  }
}

import { SwitchboardError } from '../domain/errors.ts';

/** The store could not do it; nothing was confirmed, and the same call may be made again. */
export class StoreError extends SwitchboardError {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Disk full; no rights; the place is not there or not a directory; the session to be opened is archived, and sessions
 * are never resumed; anything else the system said.
 */
export type StoreErrorCode = 'DISK_FULL' | 'NOT_WRITABLE' | 'NO_DIRECTORY' | 'ARCHIVED' | 'IO';

import type { Logger } from '../../src/runtime/log.ts';

const silence = (): void => undefined;

/** A log for parts whose words nobody reads. */
export const silentLog: Logger = { debug: silence, info: silence, warn: silence, error: silence };

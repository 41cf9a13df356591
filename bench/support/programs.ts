import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Everything that the bench starts lies beside it: run.mjs has bundled it there.
const directory = dirname(fileURLToPath(import.meta.url));

/** The program under test, bundled as it is published. */
export const SWITCHBOARD = join(directory, 'program/switchboard.js');
/** The floor of starts and of memory, bundled with the same settings. */
export const MINIMAL_SERVER = join(directory, 'minimal/minimal-server.js');
export const BOT_API_PROCESS = join(directory, 'bot-api-process.js');
export const FLOOR_PROCESS = join(directory, 'floor-process.js');
export const LONG_FILE_PROCESS = join(directory, 'long-file-process.js');

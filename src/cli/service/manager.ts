import { spawnSync } from 'node:child_process';
import { SwitchboardError } from '../../domain/errors.ts';

const COMMAND_MS_MAX = 30_000;

/** The hub cannot be made a service, or the system has refused it; the message says what to do. */
export class ServiceError extends SwitchboardError {
  override readonly name = 'ServiceError';
  readonly code = 'SERVICE';
}

/** What is to be kept running: all paths absolute. */
export interface HubProgram {
  readonly node: string;
  readonly program: string;
  /** Null for the default one. */
  readonly home: string | null;
}

/** How a service stands. */
export interface ServiceState {
  /** Started at every login. */
  readonly enabled: boolean;
  /** Its process; null when it does not run. */
  readonly pid: number | null;
  /** In the system's own words, e.g. `active (running)`. */
  readonly words: string;
}

/** The part of the system that keeps a user's programs running. */
export interface ServiceManager {
  /** Where the file of the service lies, and what it says. */
  readonly file: string;
  readonly text: string;
  /** Why it cannot be used here; null when it can. */
  whyNot(): string | null;
  /** Starts the service, now and at every login. `changed`: its file is new, what runs is to start again. */
  load(changed: boolean): Promise<void>;
  /** Stops it, now and for later. Harmless when it is not loaded. */
  unload(): void;
  /** After the file is gone. */
  forget(): void;
  state(): ServiceState;
  /** What else a person should know once it is installed. */
  readonly advice: readonly string[];
}

/** What a command of the system has said. */
interface Said {
  readonly ok: boolean;
  readonly out: string;
  /** Why it failed, in one line. */
  readonly why: string;
}

/** Runs a command of the system to its end. Never throws. */
export function run(command: string, args: readonly string[]): Said {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: COMMAND_MS_MAX });
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { ok: false, out: '', why: missing ? `there is no ${command} here` : error.message };
  }
  const why = (stderr.trim() || stdout.trim() || `exit status ${status}`).replace(/\s*\n\s*/g, '; ');
  return { ok: status === 0, out: stdout, why };
}

/**
 * The same, where failing is not an option.
 *
 * @throws ServiceError
 */
export function mustRun(command: string, args: readonly string[]): void {
  const { ok, why } = run(command, args);
  if (!ok) throw new ServiceError(`\`${[command, ...args].join(' ')}\` failed: ${why}`);
}

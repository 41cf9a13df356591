import { SwitchboardError } from '../domain/errors.ts';
import { ConfigError } from '../runtime/config-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printable, printError } from './terminal.ts';

/** Says in one line on stderr why a command ends, and returns its exit status. */
export function reportFailure(error: unknown): ExitCode {
  printError(printable(`switchboard: ${error instanceof SwitchboardError ? error.message : String(error)}`));
  return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
}

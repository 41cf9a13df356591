import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

const STAND_IN = join(import.meta.dirname, 'service-manager-stand-in.mjs');

/** Stand-ins for the commands that keep a user's programs running, first on a PATH of their own. */
export interface ServiceManagers {
  /** What the command under test is to have in its environment. */
  readonly env: Record<string, string>;
  /** What was called so far, each call in one line, without the plain questions. */
  calls(): string[];
}

/** Stand-ins that start and stop the service for real. */
export function standInServiceManagers(): ServiceManagers {
  const directory = temporaryDirectory();
  const state = join(directory, 'state.json');
  for (const name of ['systemctl', 'launchctl']) {
    const script = `#!/bin/sh\nunset NODE_OPTIONS\nexec '${process.execPath}' '${STAND_IN}' ${name} '${state}' "$@"\n`;
    writeFileSync(join(directory, name), script, { mode: 0o755 });
  }
  return {
    env: { PATH: `${directory}:${process.env.PATH ?? ''}` },
    calls: () => {
      if (!existsSync(state)) return [];
      const { calls }: { calls: string[] } = JSON.parse(readFileSync(state, 'utf8'));
      return calls.filter((call) => !/ (show|print) /.test(call));
    },
  };
}

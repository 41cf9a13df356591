import { spawn } from 'node:child_process';
import { v4 } from 'uuid';
import { onTestFinished } from 'vitest';
import { parseSessionId } from '../../src/domain/ids.ts';
import { type HubLink, openHubLink } from '../../src/runtime/hub-link.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { PROGRAM } from './build.ts';
import { silentLog } from './silent-log.ts';
import { environment, killHomeWhenFinished, type StartOptions } from './switchboard.ts';

/** Links as that many sessions have them, which start real hubs when they find none; and how many they started. */
export interface Links {
  readonly links: readonly HubLink[];
  readonly started: () => number;
  readonly allConnected: () => boolean;
}

/** Opens links to the hub of a home, as sessions of the given version. They close when the test has finished. */
export function openLinks(count: number, options: StartOptions & { version?: string }): Links {
  const { home, program = PROGRAM, version = '0.1.0', timings } = options;
  killHomeWhenFinished(home);
  let started = 0;
  const startHub = (): void => {
    started += 1;
    const env = environment(options);
    spawn(process.execPath, [program, 'hub', '--background'], { detached: true, stdio: 'ignore', env }).unref();
  };
  const links = Array.from({ length: count }, () =>
    openHubLink({
      home,
      version,
      session: parseSessionId(v4()),
      sessionsDirectory: `${home}/sessions`,
      startHub,
      onLook: () => undefined,
      log: silentLog,
      timings: { ...TIMINGS, ...timings },
    }),
  );
  onTestFinished(() => {
    for (const link of links) link.close();
  });
  return { links, started: () => started, allConnected: () => links.every((link) => link.connected) };
}

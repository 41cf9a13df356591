import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebChannel, type WebChannelParts } from '../../src/channels/web/web-channel.ts';
import type { History } from '../../src/relay/history.ts';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { newWebToken } from '../../src/runtime/web-place.ts';
import { MemoryDesk } from './memory-desk.ts';
import { silentLog } from './silent-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { WebClient } from './web-client.ts';

export const NO_HISTORY: History = {
  list: async () => ({ sessions: [], projects: [] }),
  timeline: async () => null,
  raw: async () => null,
};

/** A web channel between a desk in memory and browsers on loopback. */
export interface WebLine {
  readonly home: string;
  readonly token: string;
  readonly channel: WebChannel;
  readonly desk: MemoryDesk;
  /** Goes in with the link. */
  enter(): Promise<WebClient>;
  stop(): Promise<void>;
}

/** A line that the running test closes when it has finished. */
export async function webLine(parts: Partial<WebChannelParts> = {}): Promise<WebLine> {
  const home = parts.home ?? temporaryDirectory();
  const token = parts.token ?? newWebToken();
  const desk = new MemoryDesk(7);
  const listening = new Promise<void>((resolve) => {
    const channel = new WebChannel({
      home,
      token,
      port: 0,
      pageDirectory: page(home, { 'index.html': '<!doctype html><title>The page</title>', 'assets/app.js': 'run();' }),
      person: { channel: 'web', id: '7', name: 'Ada' },
      history: NO_HISTORY,
      version: '1.2.3',
      timings: { ...TIMINGS, retryMin: 20, retryMax: 50 },
      log: silentLog,
      ...parts,
      onListening: () => resolve(),
    });
    desk.channel = channel;
  });
  const channel = desk.channel as unknown as WebChannel;
  const end = new AbortController();
  const running = channel.run(desk, end.signal);
  const stop = async (): Promise<void> => {
    end.abort();
    await running;
  };
  onTestFinished(stop);
  await listening;
  return { home, token, channel, desk, enter: () => WebClient.enter(home), stop };
}

function page(home: string, files: Readonly<Record<string, string>>): string {
  const directory = join(home, 'page');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

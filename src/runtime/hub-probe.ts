import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { replaceFile } from './home.ts';
import { type ChannelReport, type HubInfo, listenToHub, parseHubInfo, send, type ToHub } from './hub-wire.ts';
import { isSameLivingProcess } from './processes.ts';

/** What a look at the hub's address found. `silent`: somebody listens there and does not speak. */
export type Probe =
  | { readonly found: 'hub'; readonly hub: HubInfo; readonly channels: readonly ChannelReport[] }
  | { readonly found: 'nobody' }
  | { readonly found: 'silent' };

/**
 * Looks who listens at an address, and says `message` to a hub that does, within `waitMs`.
 *
 * @throws Error of the system when the address cannot be reached for other reasons than that nobody listens.
 */
export function probeHub(address: string, waitMs: number, message?: ToHub): Promise<Probe> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const end = (probe: Probe): void => {
      clearTimeout(timer);
      resolve(probe);
      // What was said must go out first; a hub that stops just now must not keep this process alive.
      if (message) socket.unref().end();
      else socket.destroy();
    };
    const timer = setTimeout(() => {
      end({ found: 'silent' });
      socket.destroy();
    }, waitMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (isNobodyThere(error)) resolve({ found: 'nobody' });
      else if (error.code === 'EAGAIN')
        resolve({ found: 'silent' }); // Its queue of waiting connections is full.
      else reject(error);
    });
    // Closed without a word: it was about to end.
    socket.on('close', () => end({ found: 'nobody' }));
    listenToHub(socket, (said) => {
      if (said.type !== 'hub') return;
      if (message) send(socket, message);
      const { type, channels = [], ...hub } = said;
      end({ found: 'hub', hub, channels });
    });
  });
}

/**
 * Resolves when nobody listens at an address any more. The kernel closes the connection that it holds when the process
 * there ends. An address that cannot be reached for other reasons is tried again after `againMs`.
 */
export async function hubGone(address: string, againMs: number): Promise<void> {
  while (!(await connectionEnded(address))) await sleep(againMs);
}

/** True when somebody was there and is gone, or nobody was there; false when that cannot be told. */
function connectionEnded(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.resume(); // What it says is of no interest, but must not fill up.
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(isNobodyThere(error)));
    socket.on('close', () => resolve(true));
  });
}

/** True for every way in which a system says that nobody listens at a socket's path. */
export function isNobodyThere(error: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTSOCK', 'EPROTOTYPE', 'ENOTDIR'].includes(
    error.code ?? '',
  );
}

/** Leaves word in the home of who the hub is, for those who find that it does not speak. */
export function writeHubFile(home: string, hub: HubInfo): void {
  replaceFile(hubFile(home), `${JSON.stringify(hub)}\n`);
}

/** The hub that was elected last, whether it lives or not. */
export function readHubFile(home: string): HubInfo | null {
  try {
    return parseHubInfo(readFileSync(hubFile(home), 'utf8'));
  } catch {
    return null; // No hub has left word here.
  }
}

/**
 * Ends a hub that does not answer, when its process is known beyond doubt: a pid alone may belong to somebody else
 * by now. SIGKILL, since a stopped or hung process handles nothing milder. True when it was sent. `connected`: the hub
 * has introduced itself over a connection that is still open.
 */
export function killSilentHub(hub: HubInfo | null, { connected = false } = {}): boolean {
  if (!hub || hub.pid === process.pid || !isSameLivingProcess(hub, connected)) return false;
  try {
    process.kill(hub.pid, 'SIGKILL');
    return true;
  } catch {
    return false; // Gone in between, or not ours to end: the caller goes on looking.
  }
}

function hubFile(home: string): string {
  return join(home, 'hub.json');
}

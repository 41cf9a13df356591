import type { PageEvents } from '../wire.ts';
import { shareConnections } from './connection-share.ts';
import { askHub, connection, RefusedError } from './hub.ts';

// The browser's own reconnecting says neither when it tries nor why it failed, and gives up for good at an answer other
// than 200: so each stream is used once, and what comes after it is decided here.

const RETRY_MS_MIN = 300;
const RETRY_MS_MAX = 10_000;

type Handlers = { readonly [Name in keyof PageEvents]: (data: PageEvents[Name]) => void };

/** Keeps the page connected to the hub's events, as long as it is open and the browser has connections for it. */
export function followHub(handlers: Handlers): void {
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const open = () => {
    clearTimeout(timer);
    stream?.close();
    const own = new EventSource('/api/events');
    stream = own;
    for (const name of Object.keys(handlers) as (keyof PageEvents)[]) {
      own.addEventListener(name, (event: MessageEvent<string>) => {
        failures = 0;
        if (connection.now.state !== 'live') connection.set({ state: 'live' });
        (handlers[name] as (data: unknown) => void)(JSON.parse(event.data));
      });
    }
    own.onerror = () => {
      own.close();
      if (own === stream) void wait();
    };
  };

  const wait = async () => {
    const pause = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** failures);
    failures += 1;
    connection.set({ state: 'lost', retryAt: Date.now() + pause });
    timer = setTimeout(open, pause);
    if (await isLocked()) clearTimeout(timer);
  };

  const listen = () => {
    const { state } = connection.now;
    // The cookie may have been given in another tab meanwhile.
    if (stream === null || state === 'lost' || state === 'locked') open();
  };
  const leave = () => {
    clearTimeout(timer);
    stream?.close();
    stream = null;
    connection.set({ state: 'connecting' });
  };
  window.addEventListener('online', () => {
    if (document.visibilityState === 'visible') listen();
  });
  open();
  shareConnections({ listen, leave });
}

/** A stream that fails does not say why; an ordinary request does. */
async function isLocked(): Promise<boolean> {
  try {
    await askHub('/api/inbox');
  } catch (error) {
    return error instanceof RefusedError && error.status === 401;
  }
  return false;
}

// A browser opens six connections to a host for all its tabs together, and every stream holds one: so only some of the
// hidden tabs keep theirs, and there is always one left for what the tab in front asks and sends.

const HIDDEN_STREAMS_MAX = 3;
/** Who only looks at something else for a moment finds the page as it was. */
const LEAVE_MS = 3_000;

/**
 * Calls `leave` when this page has been hidden for a while and enough other hidden ones listen to the hub, and `listen`
 * when it may listen (again): it is shown, or one of those has gone.
 */
export function shareConnections({ listen, leave }: { listen: () => void; leave: () => void }): void {
  let shown = new AbortController();
  const look = () => {
    shown.abort();
    if (document.visibilityState === 'visible') return listen();
    shown = new AbortController();
    waitForPlace(shown.signal, { listen, leave });
  };
  document.addEventListener('visibilitychange', look);
  if (document.visibilityState === 'hidden') look();
}

function waitForPlace(shown: AbortSignal, { listen, leave }: { listen: () => void; leave: () => void }): void {
  const timer = setTimeout(leave, LEAVE_MS);
  shown.addEventListener('abort', () => clearTimeout(timer));
  let has = false;
  for (let place = 0; place < HIDDEN_STREAMS_MAX; place += 1) {
    // Held until the page is shown; the browser takes it back from a page that goes.
    const held = navigator.locks.request(`switchboard-stream-${place}`, { signal: shown }, () => {
      if (has || shown.aborted) return;
      has = true;
      clearTimeout(timer);
      listen();
      return new Promise<void>((resolve) => shown.addEventListener('abort', () => resolve()));
    });
    held.catch(() => undefined); // Shown before there was a place.
  }
}

import { useEffect, useState } from 'preact/hooks';

// One clock for the whole page. It rests while nobody sees the page.
const TICK_MS = 1_000;
const followers = new Set<(now: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  const now = Date.now();
  for (const follower of [...followers]) follower(now);
}

function runOrRest(): void {
  const wanted = followers.size > 0 && document.visibilityState === 'visible';
  if (wanted && timer === undefined) {
    tick();
    timer = setInterval(tick, TICK_MS);
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}

document.addEventListener('visibilitychange', runOrRest);

/** Calls `follower` every second, while the page is visible, until the returned function is called. */
export function onTick(follower: (now: number) => void): () => void {
  followers.add(follower);
  runOrRest();
  return () => {
    followers.delete(follower);
    runOrRest();
  };
}

/** A text that changes with time; renders again only when it reads otherwise. */
export function useTimeText(text: (now: number) => string): string {
  const [, show] = useState('');
  useEffect(() => onTick((now) => show(text(now))), [text]);
  return text(Date.now());
}

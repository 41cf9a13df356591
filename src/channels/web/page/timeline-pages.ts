import type { Timeline } from '../wire.ts';

/** The newest page taken up: what was loaded before it stays, what both hold is there once. */
export function newer(before: Timeline | null, page: Timeline): Timeline {
  if (!before) return page;
  const places = new Map(before.items.map(({ key }, index) => [key, index]));
  const meeting = page.items.findIndex(({ key }) => places.has(key));
  // Nothing in common: more happened meanwhile than one page holds.
  if (meeting === -1) return page;
  const kept = before.items.slice(0, places.get(page.items[meeting]?.key ?? ''));
  const items = [...kept, ...page.items.slice(kept.length === 0 ? 0 : meeting)];
  // Without anything from before the page, it is the page that knows what stands earlier.
  if (kept.length === 0) return { ...page, items };
  const unreadable = Math.max(before.unreadable, page.unreadable);
  return withPrevious({ ...page, items, unreadable }, before.previous);
}

/** An earlier page put in front. */
export function earlier(timeline: Timeline, page: Timeline): Timeline {
  const known = new Set(timeline.items.map(({ key }) => key));
  const items = [...page.items.filter(({ key }) => !known.has(key)), ...timeline.items];
  const unreadable = timeline.unreadable + page.unreadable;
  return withPrevious({ ...timeline, items, unreadable }, page.previous);
}

function withPrevious({ previous: _, ...timeline }: Timeline, previous?: string): Timeline {
  return previous === undefined ? timeline : { ...timeline, previous };
}

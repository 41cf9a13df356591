import { Value } from './value.ts';

/** Which page is shown. */
export type Route =
  | { readonly page: 'inbox' }
  | { readonly page: 'sessions' }
  | { readonly page: 'session'; readonly id: string }
  | { readonly page: 'nowhere' };

export const route = new Value<Route>(routeOf(location.pathname));

/** Goes to a page of this site without loading it anew. */
export function goTo(address: string): void {
  if (address !== location.pathname + location.search) history.pushState(null, '', address);
  arrive();
}

/** Follows links within the page and the browser's own steps back and forth. */
export function followLinks(): void {
  window.addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.hasAttribute('download') || link.getAttribute('href')?.startsWith('#'))
      return;
    event.preventDefault();
    goTo(link.pathname + link.search);
    window.scrollTo(0, 0);
  });
}

/** What the address says after the question mark. */
export function query(name: string): string {
  return new URLSearchParams(location.search).get(name) ?? '';
}

/** Writes what is searched for into the address, so that it outlives a reload. */
export function keepQuery(values: Readonly<Record<string, string>>): void {
  const kept = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''));
  const search = kept.size > 0 ? `?${kept}` : '';
  if (search !== location.search) history.replaceState(null, '', location.pathname + search);
}

function arrive(): void {
  const next = routeOf(location.pathname);
  if (JSON.stringify(next) !== JSON.stringify(route.now)) route.set(next);
}

function routeOf(path: string): Route {
  if (path === '/') return { page: 'inbox' };
  if (path === '/sessions') return { page: 'sessions' };
  const id = /^\/sessions\/([\w-]+)$/.exec(path)?.[1];
  return id === undefined ? { page: 'nowhere' } : { page: 'session', id };
}

/** Tries, as any script of any page can, to read an inbox and to press there; what came of each. */
export default async function attempts(inbox, body) {
  const tried = {};
  const attempt = async (name, work) => {
    tried[name] = await work().catch(() => 'refused');
  };
  const json = { 'content-type': 'application/json' };
  const ask = async (path, init) => (await fetch(`${inbox}${path}`, init)).text();
  await attempt('read', () => ask('/api/inbox', { credentials: 'include' }));
  await attempt('read without leave', () => ask('/api/inbox', { credentials: 'include', mode: 'no-cors' }));
  await attempt('press', () => ask('/api/answer', { method: 'POST', credentials: 'include', headers: json, body }));
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const init = {
      method: 'POST',
      credentials: 'include',
      mode: 'no-cors',
      headers: { 'content-type': type },
      body,
    };
    await attempt(`press as ${type}`, () => ask('/api/answer', init));
  }
  await attempt(
    'beacon',
    async () => navigator.sendBeacon(`${inbox}/api/answer`, new Blob([body], { type: 'text/plain' })) && 'refused',
  );
  await attempt(
    'events',
    () =>
      new Promise((resolve) => {
        const events = new EventSource(`${inbox}/api/events`, { withCredentials: true });
        events.onopen = () => resolve('open');
        events.onerror = () => resolve('refused');
      }),
  );
  const load = (tag, path) =>
    new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
      if (element instanceof HTMLLinkElement) Object.assign(element, { rel: 'stylesheet', href: inbox + path });
      else element.src = inbox + path;
      document.body.append(element);
    });
  await attempt('image', () => load('img', '/assets/icon.svg'));
  await attempt('script', () => load('script', '/assets/app.js'));
  await attempt('style', () => load('link', '/assets/app.css'));
  return tried;
}

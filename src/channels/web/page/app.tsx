import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Announcer } from './announcer.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { inbox, openEntries } from './inbox.ts';
import { InboxPage } from './inbox-page.tsx';
import { type Route, route } from './router.ts';
import { showCount } from './tab-icon.ts';
import { useValue } from './value.ts';

const TITLES: Readonly<Record<Route['page'], string>> = {
  inbox: 'Inbox',
  sessions: 'Sessions',
  session: 'Session',
  nowhere: 'Not found',
};

/** The whole page: header, the page that the address names, and what tells of changes. */
export function App() {
  const now = useValue(route);
  const count = openEntries(useValue(inbox)).length;
  useEffect(() => showCount(count, TITLES[now.page]), [count, now.page]);
  useFocusOnArrival(now);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header count={count} page={now.page} />
      <main id="main" tabIndex={-1}>
        <Page route={now} />
      </main>
      <ConnectionBar />
      <Announcer />
      <Help />
    </>
  );
}

function Page({ route: now }: { route: Route }) {
  switch (now.page) {
    case 'inbox':
      return <InboxPage />;
    case 'sessions':
    case 'session':
      return <SessionPages route={now} />;
    default:
      return (
        <section class="empty">
          <h1 tabIndex={-1}>There is nothing here</h1>
          <p>
            <a href="/">To the inbox</a>
          </p>
        </section>
      );
  }
}

type Pages = typeof import('./session-pages.tsx');

/** The pages about sessions, fetched when somebody first goes there. */
function SessionPages({ route: now }: { route: Extract<Route, { page: 'session' | 'sessions' }> }) {
  const [pages, show] = useState<Pages | 'missing' | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const hadFocus = useRef(false);
  useEffect(() => {
    const arrived = (loaded: Pages | 'missing') => {
      hadFocus.current = heading.current !== null && document.activeElement === heading.current;
      show(loaded);
    };
    import('./session-pages.tsx').then(arrived, () => arrived('missing'));
  }, []);
  // A heading that goes takes the focus along: that of the page itself gets it back.
  useLayoutEffect(() => {
    if (hadFocus.current) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [pages]);
  if (pages === 'missing') return <p class="failure">The hub does not hand out this page. Load it again.</p>;
  if (!pages) {
    return (
      <h1 tabIndex={-1} ref={heading}>
        {TITLES[now.page]}
      </h1>
    );
  }
  return now.page === 'session' ? <pages.SessionPage key={now.id} id={now.id} /> : <pages.SessionsPage />;
}

/** Another page is told to who cannot see it: its heading gets the focus. The first page leaves it to the browser. */
function useFocusOnArrival(now: Route): void {
  const first = useRef(now);
  useEffect(() => {
    if (first.current !== now) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [now]);
}

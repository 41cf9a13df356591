import { announce } from './announcer.tsx';
import { openHelp } from './help.tsx';
import { connection } from './hub.ts';
import { BellIcon, BellOffIcon, HelpIcon, LogoIcon } from './icons.tsx';
import { notifying, switchNotifications } from './notifications.ts';
import type { Route } from './router.ts';
import { useValue } from './value.ts';

const CONNECTION_WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Reconnecting',
  locked: 'Not let in',
} as const;

/** The bar at the top, on every page. */
export function Header({ count, page }: { count: number; page: Route['page'] }) {
  const { state } = useValue(connection);
  return (
    <header class="top">
      <div class="top-inner">
        <a class="brand" href="/" aria-label="Switchboard, to the inbox">
          <LogoIcon />
          <span class="brand-name">Switchboard</span>
        </a>
        <nav aria-label="Pages">
          <a href="/" aria-current={page === 'inbox' ? 'page' : undefined}>
            Inbox
            {count > 0 && (
              <span class="count">
                {count}
                <span class="unseen"> open</span>
              </span>
            )}
          </a>
          <a href="/sessions" aria-current={page === 'sessions' || page === 'session' ? 'page' : undefined}>
            Sessions
          </a>
        </nav>
        <span class="link-state" data-state={state} title="Connection to the hub">
          <span class="dot" />
          <span class="link-words">{CONNECTION_WORDS[state]}</span>
        </span>
        <NotificationButton />
        <button type="button" class="icon-button" onClick={openHelp} title="Keyboard help (?)">
          <HelpIcon />
          <span class="unseen">Keyboard help</span>
        </button>
      </div>
    </header>
  );
}

function NotificationButton() {
  const state = useValue(notifying);
  if (state === 'impossible') return null;
  const on = state === 'on';
  const words =
    state === 'refused'
      ? 'Desktop notifications are blocked in the settings of the browser'
      : `Desktop notifications are ${on ? 'on' : 'off'}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-pressed={on}
      aria-label={state === 'refused' ? words : 'Desktop notifications'}
      aria-disabled={state === 'refused'}
      title={words}
      onClick={() => (state === 'refused' ? announce(words) : void switchNotifications())}
    >
      {on ? <BellIcon /> : <BellOffIcon />}
    </button>
  );
}

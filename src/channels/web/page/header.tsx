import { useState } from 'preact/hooks';
import type { AwayRequest, Presence } from '../wire.ts';
import { announce } from './announcer.tsx';
import { openHelp } from './help.tsx';
import { askHub, connection } from './hub.ts';
import { BellIcon, BellOffIcon, HelpIcon, LogoIcon } from './icons.tsx';
import { inbox } from './inbox.ts';
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
        <AwayButton />
        <NotificationButton />
        <button type="button" class="icon-button" onClick={openHelp} title="Keyboard help (?)">
          <HelpIcon />
          <span class="unseen">Keyboard help</span>
        </button>
      </div>
    </header>
  );
}

/** Away from the desk: nothing waits there before it goes to the phone. */
function AwayButton() {
  const { away } = useValue(inbox).presence;
  const [failure, fail] = useState('');
  const change = async () => {
    const request: AwayRequest = { away: !away };
    try {
      const presence = await askHub<Presence>('/api/away', { body: request });
      inbox.set({ ...inbox.now, presence });
      fail('');
      announce(presence.away ? 'You are away.' : 'You are back at the desk.');
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  };
  const words = away
    ? 'You are away: what Claude Code wants goes to your phone at once'
    : 'You are at the desk: what can be answered in the terminal may wait there first';
  return (
    <button
      type="button"
      class="away-button"
      aria-pressed={away}
      title={failure || words}
      onClick={() => void change()}
    >
      Away
    </button>
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

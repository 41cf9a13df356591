import type { Inbox } from '../wire.ts';
import { hueOf } from './hue.ts';

/** Which sessions run, and how the other channels are. */
export function Overview({ sessions, channels }: Pick<Inbox, 'sessions' | 'channels'>) {
  return (
    <aside class="overview" aria-label="Sessions and channels">
      <h2>Running sessions</h2>
      {sessions.length === 0 ? (
        <p class="quiet">None.</p>
      ) : (
        <ul class="session-links">
          {sessions.map(({ name, pending }) => (
            <li key={name.id} data-hue={hueOf(name.title)}>
              <span class="dot hue" />
              <a href={`/sessions/${name.id}`}>{name.title}</a>
              {pending > 0 && (
                <span class="count">
                  {pending}
                  <span class="unseen"> open</span>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {channels.length > 0 && (
        <>
          <h2>Other channels</h2>
          <ul class="channel-list">
            {channels.map(({ name, ok, detail }) => (
              <li key={name} data-ok={ok}>
                <span class="dot" />
                <span>
                  <span class="channel-name">{name}</span> {detail}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </aside>
  );
}

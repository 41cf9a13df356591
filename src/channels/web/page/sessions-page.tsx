import { useEffect, useState } from 'preact/hooks';
import type { SessionEntry, SessionList } from '../wire.ts';
import { hueOf } from './hue.ts';
import { inbox } from './inbox.ts';
import { keepQuery, query } from './router.ts';
import { momentText, sizeText } from './time-text.ts';
import { type Fetched, useFetched, useRested } from './use-fetched.ts';
import { useValue } from './value.ts';

const TYPING_MS = 200;
const STATES = { all: 'Live and archived', live: 'Live', archived: 'Archived' } as const;

interface Filter {
  readonly state: string;
  readonly project: string;
  readonly q: string;
}

/** All sessions, live and archived, with search and filter. */
export function SessionsPage() {
  const [filter, setFilter] = useState<Filter>(() => ({
    state: query('state') in STATES ? query('state') : 'all',
    project: query('project'),
    q: query('q'),
  }));
  const rested = useRested(filter, TYPING_MS);
  useEffect(() => keepQuery({ ...rested, state: rested.state === 'all' ? '' : rested.state }), [rested]);
  const { fetched, more } = useSessionList(rested);
  const { data, failure, busy } = fetched;
  const change = (next: Partial<Filter>) => setFilter((before) => ({ ...before, ...next }));
  return (
    <div class="page">
      <h1 tabIndex={-1}>Sessions</h1>
      <SessionFilter filter={filter} projects={data?.projects ?? []} onChange={change} />
      {failure !== '' && <p class="failure">{failure}</p>}
      <p class="unseen" role="status">
        {busy || !data ? '' : countText(data)}
      </p>
      {data?.sessions.length === 0 && (
        <p class="quiet">
          {rested.q || rested.project || rested.state !== 'all' ? 'No session matches.' : 'No sessions yet.'}
        </p>
      )}
      <ul class="sessions">
        {data?.sessions.map((entry) => (
          <SessionRow key={`${entry.session_id} ${entry.state}`} entry={entry} />
        ))}
      </ul>
      {data?.next !== undefined && (
        <button type="button" class="button" disabled={busy} onClick={more}>
          More sessions
        </button>
      )}
    </div>
  );
}

function countText({ sessions, next }: SessionList): string {
  if (next !== undefined) return `${sessions.length} or more sessions`;
  return sessions.length === 1 ? '1 session' : `${sessions.length} sessions`;
}

/** The list that a filter leaves; `more` fetches its next page. */
function useSessionList({ state, project, q }: Filter): { fetched: Fetched<SessionList>; more: () => void } {
  const base = `/api/sessions?${new URLSearchParams({ state, project, q })}`;
  const [page, turn] = useState({ base, after: '' });
  const after = page.base === base ? page.after : '';
  // Sessions came or went: the first page is fetched again, unless somebody has read on.
  const running = useValue(inbox).sessions;
  const [times, count] = useState(0);
  useEffect(() => {
    if (after === '') count((before) => before + 1);
  }, [running]);
  const path = after === '' ? base : `${base}&after=${encodeURIComponent(after)}`;
  const fetched = useFetched<SessionList>(path, times, (news, before) =>
    after === '' || !before ? news : { ...news, sessions: [...before.sessions, ...news.sessions] },
  );
  return { fetched, more: () => turn({ base, after: fetched.data?.next ?? '' }) };
}

interface SessionFilterProps {
  readonly filter: Filter;
  readonly projects: readonly string[];
  onChange(next: Partial<Filter>): void;
}

function SessionFilter({ filter, projects, onChange }: SessionFilterProps) {
  return (
    <search class="filter">
      <label>
        <span class="unseen">Search</span>
        <input
          type="search"
          placeholder="Search by title, project, branch or id"
          value={filter.q}
          onInput={(event) => onChange({ q: event.currentTarget.value })}
        />
      </label>
      <label>
        <span class="unseen">State</span>
        <select value={filter.state} onChange={(event) => onChange({ state: event.currentTarget.value })}>
          {Object.entries(STATES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="unseen">Project</span>
        <select value={filter.project} onChange={(event) => onChange({ project: event.currentTarget.value })}>
          <option value="">All projects</option>
          {[...new Set([...projects, ...(filter.project ? [filter.project] : [])])].map((project) => (
            <option key={project} value={project}>
              {project}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function SessionRow({ entry }: { entry: SessionEntry }) {
  const { session_id: id, state, title, project, branch, started_at, ended_at, bytes, open = 0 } = entry;
  const facts = [project, branch].filter((fact) => fact && !title.includes(fact));
  return (
    <li class="session" data-hue={hueOf(title)}>
      <span class="dot hue" />
      <div class="session-what">
        <a href={`/sessions/${id}`}>{title}</a>
        {facts.length > 0 && <span class="facts"> {facts.join(' · ')}</span>}
      </div>
      <span class={`tag tag-${state}`}>{state}</span>
      {open > 0 && <span class="count">{open} open</span>}
      <span class="session-when">
        <time dateTime={started_at}>{momentText(started_at)}</time>
        {ended_at !== undefined && (
          <>
            {' – '}
            <time dateTime={ended_at}>{momentText(ended_at)}</time>
          </>
        )}
        {' · '}
        {sizeText(bytes)}
      </span>
    </li>
  );
}

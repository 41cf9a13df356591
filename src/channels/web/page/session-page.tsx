import { useEffect, useState } from 'preact/hooks';
import type { SessionEntry, Timeline, TimelineItem } from '../wire.ts';
import { askHub } from './hub.ts';
import { inbox, lastCard } from './inbox.ts';
import { keepQuery, query } from './router.ts';
import { TellForm } from './tell-form.tsx';
import { momentText, sizeText } from './time-text.ts';
import { TimelineList } from './timeline-list.tsx';
import { earlier, newer } from './timeline-pages.ts';
import { useFetched, useRested } from './use-fetched.ts';
import { useValue } from './value.ts';

const TYPING_MS = 250;
/** How often a live session is looked at beside what the hub tells of its questions. */
const LOOK_MS = 5_000;

const TYPES: Readonly<Record<string, string>> = {
  '': 'What matters',
  question: 'Questions',
  answer: 'Answers',
  answer_delivered: 'Deliveries',
  question_closed: 'Closed questions',
  'message,message_delivered': 'Messages to it',
  'question_shown,question_settled': 'Cards in channels',
  error: 'Errors',
  'session_metadata,session_updated,system': 'Starts, names and ends',
  heartbeat: 'Heartbeats',
  all: 'Everything',
};

/** That a card in a channel has ended follows from what ended the question. */
const isNews = ({ type }: TimelineItem) => type !== 'question_settled';

interface Filter {
  readonly q: string;
  readonly type: string;
}

/** One session: what happened in it, in order. */
export function SessionPage({ id }: { id: string }) {
  const [filter, setFilter] = useState<Filter>(() => ({
    q: query('q'),
    type: query('type') in TYPES ? query('type') : '',
  }));
  const rested = useRested(filter, TYPING_MS);
  useEffect(() => keepQuery({ ...rested }), [rested]);
  const { timeline, failure, loadEarlier } = useTimeline(id, rested);
  return (
    <div class="page">
      <h1 tabIndex={-1}>{timeline?.session.title ?? 'Session'}</h1>
      {timeline && <SessionFacts session={timeline.session} unreadable={timeline.unreadable} />}
      {timeline?.session.state === 'live' && <TellForm session={id} title={timeline.session.title} />}
      <search class="filter">
        <label>
          <span class="unseen">Search in this session</span>
          <input
            type="search"
            placeholder="Search in this session"
            value={filter.q}
            onInput={(event) => setFilter({ ...filter, q: event.currentTarget.value })}
          />
        </label>
        <label>
          <span class="unseen">What</span>
          <select value={filter.type} onChange={(event) => setFilter({ ...filter, type: event.currentTarget.value })}>
            {Object.entries(TYPES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </search>
      {failure !== '' && <p class="failure">{failure}</p>}
      {timeline?.previous !== undefined && (
        <button type="button" class="button" onClick={loadEarlier}>
          Load earlier
        </button>
      )}
      {timeline && <TimelineList items={rested.type === '' ? timeline.items.filter(isNews) : timeline.items} />}
    </div>
  );
}

function SessionFacts({ session, unreadable }: { session: SessionEntry; unreadable: number }) {
  const { session_id: id, state, project_dir, branch, started_at, ended_at, archived_on, bytes } = session;
  return (
    <>
      <p class="session-facts">
        <span class={`tag tag-${state}`}>{archived_on === undefined ? state : `archived on ${archived_on}`}</span>
        <span>{project_dir}</span>
        {branch !== undefined && <span>{branch}</span>}
        <span>
          {momentText(started_at)}
          {ended_at !== undefined && ` – ${momentText(ended_at)}`}
        </span>
        <span class="mono">{id}</span>
        <a href={`/api/sessions/${id}/raw`} download={`${id}.jsonl`}>
          Download JSONL ({sizeText(bytes)})
        </a>
      </p>
      {unreadable > 0 && <p class="failure">{unreadable} lines of the file could not be read and are not shown.</p>}
    </>
  );
}

/** The timeline, newest page first; a live one is kept up to date. */
function useTimeline(id: string, { q, type }: Filter) {
  const path = `/api/sessions/${id}/timeline?${new URLSearchParams({ q, type: type === 'all' ? '' : type })}`;
  const [times, count] = useState(0);
  const [pages, keep] = useState<{ path: string; timeline: Timeline | null; failure: string }>({
    path,
    timeline: null,
    failure: '',
  });
  const { data, from, failure } = useFetched<Timeline>(path, times, (news) => news);
  useEffect(() => {
    if (!data) return;
    // Not `path`: what the filter of before had asked for may arrive when there is another one.
    keep((before) => ({
      path: from,
      timeline: newer(before.path === from ? before.timeline : null, data),
      failure: '',
    }));
  }, [data]);

  const live = data?.session.state === 'live';
  const card = useValue(lastCard);
  const running = useValue(inbox).sessions;
  const look = () => count((before) => before + 1);
  useEffect(() => {
    if (card?.session.id === id) look();
  }, [card]);
  useEffect(() => {
    if (live) look();
  }, [running]);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') look();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [live]);

  const { timeline } = pages;
  const loadEarlier = async () => {
    if (timeline?.previous === undefined) return;
    try {
      // Of what is shown, which may still be what the filter of before has left.
      const page = await askHub<Timeline>(`${pages.path}&before=${encodeURIComponent(timeline.previous)}`);
      keep((before) =>
        before.timeline && before.path === pages.path
          ? { ...before, timeline: earlier(before.timeline, page) }
          : before,
      );
    } catch (error) {
      keep((before) => ({ ...before, failure: error instanceof Error ? error.message : String(error) }));
    }
  };
  return { timeline, failure: failure || pages.failure, loadEarlier: () => void loadEarlier() };
}

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SessionId } from '../../domain/ids.ts';
import type { History, SessionWish } from '../../relay/history.ts';
import { type Exchange, type Route, refuse, UUID_PART } from './requests.ts';
import { sendJson } from './responses.ts';

const NO_SESSION = 'There is no such session.';

/** Everything that is asked of the sessions, live and archived. */
export function historyRoutes(history: History): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/api\/sessions$/,
      answer: async (exchange) => {
        const signal = untilGone(exchange);
        sendJson(exchange.response, await history.list(sessionWish(exchange.query), signal));
      },
    },
    {
      method: 'GET',
      path: new RegExp(`^/api/sessions/${UUID_PART}/timeline$`),
      answer: (exchange) => sendTimeline(exchange, history),
    },
    {
      method: 'GET',
      path: new RegExp(`^/api/sessions/${UUID_PART}/raw$`),
      answer: (exchange) => sendRaw(exchange, history),
    },
  ];
}

async function sendTimeline(exchange: Exchange, history: History): Promise<void> {
  const { request, response, query, parts } = exchange;
  const types = given(query, 'type')?.split(',');
  const wish = { types, q: given(query, 'q'), before: given(query, 'before') };
  const timeline = await history.timeline(parts[0] as SessionId, wish, untilGone(exchange));
  if (timeline) sendJson(response, timeline);
  else refuse(request, response, 404, NO_SESSION);
}

async function sendRaw({ request, response, parts: [id] }: Exchange, history: History): Promise<void> {
  const content = await history.raw(id as SessionId);
  if (!content) return refuse(request, response, 404, NO_SESSION);
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'content-disposition': `attachment; filename="${id}.jsonl"`,
  });
  await pipeline(Readable.from(content, { objectMode: false }), response);
}

function sessionWish(query: URLSearchParams): SessionWish {
  const state = query.get('state');
  return {
    state: state === 'live' || state === 'archived' ? state : 'all',
    project: given(query, 'project'),
    q: given(query, 'q'),
    after: given(query, 'after'),
  };
}

/** Empty counts as not given: a page sends what its fields hold. */
function given(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** Aborts once nobody waits for the answer: who types a search asks anew with every letter. */
function untilGone({ response }: Exchange): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}

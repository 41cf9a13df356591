import { onTestFinished } from 'vitest';
import { type BotApi, startBotApi } from './bot-api/bot-api.ts';
import type { Person } from './bot-api/person.ts';
import { type McpPlace, type McpProcess, mcpPlace, startMcp } from './mcp-client.ts';

export const OWNER_ID = 7;

// As in life, but without the seconds that Telegram's limits cost between two messages.
const TIMINGS = { telegramChat: 0, telegramGroup: 0, telegramOverall: 0, telegramRead: 0, retryMin: 20, retryMax: 200 };

/** The whole line: a Bot API, an owner with a phone, a home, and the environment that ties them together. */
export interface Line {
  readonly api: BotApi;
  readonly owner: Person;
  readonly place: McpPlace;
  readonly env: Record<string, string>;
  readonly timings: Record<string, number>;
  /** Starts one session; the first one starts the hub. */
  start(options?: { label?: string; place?: McpPlace; timings?: Record<string, number> }): Promise<McpProcess>;
}

/** Sets up a line of a test's own; all of it ends with the test. */
export async function startLine(timings: Record<string, number> = {}, place = mcpPlace()): Promise<Line> {
  const api = await startBotApi();
  const owner = api.user(OWNER_ID, 'Ada');
  onTestFinished(() => api.close());
  const env = {
    TELEGRAM_BOT_TOKEN: api.token,
    TELEGRAM_OWNER_ID: String(OWNER_ID),
    TELEGRAM_API_ROOT: api.root,
  };
  const all = { ...TIMINGS, ...timings };
  return {
    api,
    owner,
    place,
    env,
    timings: all,
    start: async ({ label, place: elsewhere = place, timings: more = {} } = {}) => {
      const session = await startMcp({ ...elsewhere, home: place.home }, { env, timings: { ...all, ...more } });
      if (label) await session.call('set_session_label', { label });
      return session;
    },
  };
}

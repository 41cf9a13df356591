import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Inbox, SessionList, Timeline } from '../../src/channels/web/wire.ts';
import type { SessionId } from '../../src/domain/ids.ts';
import { newSession } from '../support/records.ts';
import { startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { ask, WebClient } from '../support/web-client.ts';
import { answeredLines, metadataLine, questionLine, writeLiveSession, writeLog } from '../support/written-log.ts';

const ARCHIVED = 2_000;
const RECORDS = 100_000;
const QUESTIONS = 500;
// Many times what it takes when nothing else runs: 10 to 200 ms for a page, half a second for a search through all.
const PAGE_MS_MAX = 5_000;
const SEARCH_MS_MAX = 20_000;
const BLOCKED_MS_MAX = 1_000;
// And so many times what a hub without work takes at the same time: the rest is what else the machine does.
const BLOCKED_TIMES_MAX = 5;

/** A sessions directory with a long archive, a long session in it, and a session that waits for many answers. */
function largePlace(): { home: string; directory: string; long: SessionId; asking: SessionId } {
  const [home, directory] = [temporaryDirectory(), join(temporaryDirectory(), '.planning/telegram-sessions')];
  const day = join(directory, 'archive/2026-11-20');
  for (let number = 0; number < ARCHIVED; number += 1) {
    const session = newSession();
    writeLog(join(day, `${session}.jsonl`), [metadataLine(session, { label: `archived ${number}.` })]);
  }
  const long = newSession();
  const records = Array.from({ length: RECORDS / 4 }, (_, number) => answeredLines(`Question <${number}>`)).flat();
  writeLog(join(day, `${long}.jsonl`), [metadataLine(long, { label: 'long' }), ...records]);
  const questions = Array.from({ length: QUESTIONS }, (_, number) =>
    questionLine(`Open ${number}? ${'x'.repeat(500)}`),
  );
  const asking = writeLiveSession({ home, sessionsDirectory: directory }, questions);
  return { home, directory, long, asking };
}

interface Figure {
  readonly what: string;
  readonly ms: number;
  readonly blockedMs: number;
  /** The same of a hub that has nothing to do. */
  readonly idleMs: number;
}

/** How long something small takes, asked again and again until `isDone`, at its slowest. */
async function slowest(port: number, isDone: () => boolean): Promise<number> {
  let ms = 0;
  while (!isDone()) {
    const began = performance.now();
    await ask(port, '/');
    ms = Math.max(ms, performance.now() - began);
    await sleep(10);
  }
  return ms;
}

/** Asks something small of both hubs while `job` runs, and returns how long the slowest took beside the job's time. */
async function whileAsking<T>(
  web: WebClient,
  idle: WebClient,
  job: () => Promise<T>,
): Promise<{ got: T } & Omit<Figure, 'what'>> {
  let done = false;
  const asking = Promise.all([web, idle].map(({ port }) => slowest(port, () => done)));
  // A hub that is gone is told of by the job alone.
  asking.catch(() => undefined);
  try {
    const began = performance.now();
    const got = await job();
    const ms = performance.now() - began;
    done = true;
    const [blockedMs = 0, idleMs = 0] = await asking;
    return { got, ms, blockedMs, idleMs };
  } finally {
    done = true;
  }
}

describe('the web inbox', () => {
  it(`stays usable with ${QUESTIONS} questions, ${ARCHIVED} archived sessions and a session of ${RECORDS} records`, async () => {
    const { home, directory, long, asking } = largePlace();
    startSwitchboard(['hub'], { home });
    const web = await WebClient.enter(home);
    const idleHome = temporaryDirectory();
    startSwitchboard(['hub'], { home: idleHome });
    const idle = await WebClient.enter(idleHome);
    const figures: Figure[] = [];
    const timed = async <T>(what: string, path: string): Promise<T> => {
      const { got, ...figure } = await whileAsking(web, idle, () => web.get<T>(path));
      figures.push({ what, ...figure });
      return got;
    };

    expect((await timed<Inbox>('inbox', '/api/inbox')).open).toHaveLength(QUESTIONS);
    const first = await timed<SessionList>('first sessions', '/api/sessions');
    expect(first.sessions).toHaveLength(50);
    expect(first.sessions[0]).toMatchObject({ session_id: asking, state: 'live', open: QUESTIONS });
    const second = await timed<SessionList>('next sessions', `/api/sessions?after=${first.next}`);
    const ids = [...first.sessions, ...second.sessions].map(({ session_id }) => session_id);
    expect(new Set(ids).size).toBe(100);
    const found = await timed<SessionList>('search', `/api/sessions?q=archived+${ARCHIVED - 1}.`);
    expect(found.sessions.map(({ title }) => title)).toEqual([`archived ${ARCHIVED - 1}.`]);
    const newest = await timed<Timeline>('newest items', `/api/sessions/${long}/timeline`);
    expect(newest.items).toHaveLength(200);
    expect(newest.items.at(-4)?.text).toBe(`Question <${RECORDS / 4 - 1}>`);
    await timed('items before', `/api/sessions/${long}/timeline?before=${newest.previous}`);
    const item = await timed<Timeline>('search in a session', `/api/sessions/${long}/timeline?q=question+%3C17%3E`);
    expect(item.items.map(({ text }) => text)).toEqual(['Question <17>']);

    const log = join(directory, `${asking}.jsonl`);
    const shown = (): number => readFileSync(log, 'utf8').match(/"question_shown"/g)?.length ?? 0;
    let begunMs = 0;
    const { got: _, ...opened } = await whileAsking(web, idle, async () => {
      const began = performance.now();
      await web.open();
      begunMs = performance.now() - began;
      // Reading it all again and again would take from the hub what is measured here.
      while (shown() < QUESTIONS) await sleep(100);
    });
    figures.push({ what: 'a page has its questions', ms: begunMs, blockedMs: 0, idleMs: 0 });
    figures.push({ what: 'all is written down that an opened page shows', ...opened });

    const told = figures.map(({ what, ms, blockedMs }) => `${what}: ${Math.round(ms)} (${Math.round(blockedMs)})`);
    process.stdout.write(`web inbox, ms (and the longest that somebody else waited): ${told.join(', ')}\n`);
    const limitOf = (what: string): number => (/search|written/.test(what) ? SEARCH_MS_MAX : PAGE_MS_MAX);
    expect(figures.filter(({ what, ms }) => ms > limitOf(what))).toEqual([]);
    const mayBlock = ({ idleMs }: Figure): number => Math.max(BLOCKED_MS_MAX, BLOCKED_TIMES_MAX * idleMs);
    expect(figures.filter((figure) => figure.blockedMs > mayBlock(figure))).toEqual([]);
  });
});

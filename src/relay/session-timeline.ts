import { closeSync } from 'node:fs';
import { recordWords } from '../domain/record-words.ts';
import { RECORD_BYTES_MAX, type SessionRecord } from '../domain/records.ts';
import { beginning } from '../domain/text.ts';
import { breather } from '../runtime/breathe.ts';
import { firstClaims } from '../store/jsonl/first-claims.ts';
import { recordIn } from '../store/jsonl/lines.ts';
import { linesBefore } from '../store/jsonl/lines-before.ts';
import { type OpenLog, openLog } from '../store/jsonl/open-log.ts';
import type { Timeline, TimelineItem, TimelineWish } from './history.ts';

const ITEMS_MAX = 200;
interface Found {
  readonly position: number;
  readonly record: SessionRecord;
  item: TimelineItem;
}

type Page = Pick<Timeline, 'items' | 'previous' | 'unreadable'>;

/**
 * Reads a page of a session's timeline out of its logs (oldest first): the newest items before `wish.before`. Costs
 * what the page and a glance at the rest of the log cost; nothing of it stays in memory.
 */
export async function readTimeline(paths: readonly string[], wish: TimelineWish, signal: AbortSignal): Promise<Page> {
  const items: TimelineItem[] = [];
  let unreadable = 0;
  let place = placeOf(wish.before) ?? { log: paths.length - 1, position: Number.POSITIVE_INFINITY };
  for (;;) {
    const path = paths[place.log];
    if (path === undefined) return { items, unreadable };
    const part = await readPart(path, place, wish, ITEMS_MAX - items.length, signal);
    items.unshift(...part.items);
    unreadable += part.unreadable;
    if (part.previous) return { items, unreadable, previous: part.previous };
    place = { log: place.log - 1, position: Number.POSITIVE_INFINITY };
  }
}

/** The same of one log; without `previous` it has come to the start of it. */
async function readPart(
  path: string,
  place: { log: number; position: number },
  wish: TimelineWish,
  limit: number,
  signal: AbortSignal,
): Promise<Page> {
  const log = openLog(path, 'read');
  if (!log) return { items: [], unreadable: 0 }; // Moved to the archive this moment.
  try {
    const found: Found[] = [];
    const wanted = filterOf(wish);
    let unreadable = 0;
    let previous: string | undefined;
    const breathe = breather(signal);
    for (const line of linesBefore(log, place.position)) {
      const pause = breathe();
      if (pause) await pause;
      if (line.text !== null && !wanted.line(line.text)) continue;
      const record = recordIn(line);
      if (record === 'unreadable') unreadable += 1;
      if (typeof record === 'string') continue;
      const item = itemOf(record, `${place.log}:${line.position}`);
      if (!wanted.item(item) || foldedInto(found.at(-1), item)) continue;
      if (found.length === limit) {
        previous = `${place.log}:${line.position + line.bytes}`;
        break;
      }
      found.push({ position: line.position, record, item });
    }
    const items = await judged(log, found, signal);
    return { items: items.reverse(), unreadable, ...(previous === undefined ? {} : { previous }) };
  } finally {
    closeSync(log.fd);
  }
}

/** Leaves out what is written a second time, and marks what came too late: both were told by an earlier record. */
async function judged(log: OpenLog, found: readonly Found[], signal: AbortSignal): Promise<TimelineItem[]> {
  const claims = found.map(({ position, record }) => ({ position, event_id: record.event_id, slot: record.slot }));
  const first = await firstClaims(log, claims, signal);
  const before = (key: string | undefined, position: number): boolean =>
    key !== undefined && (first.get(key) ?? position) < position;
  return found
    .filter(({ position, record }) => !before(`event_id ${record.event_id}`, position))
    .map(({ position, record, item }) =>
      record.slot !== undefined && before(`slot ${record.slot}`, position) ? { ...item, too_late: true } : item,
    );
}

function itemOf(record: SessionRecord, key: string): TimelineItem {
  const { what, text, question_id } = recordWords(record);
  return {
    key,
    at: record.timestamp,
    type: record.type,
    what,
    text: beginning(text, RECORD_BYTES_MAX),
    ...(question_id ? { question_id } : {}),
  };
}

/** Heartbeats in a row become one; `later` is the one that was read before, since reading goes backwards. */
function foldedInto(later: Found | undefined, { type, at, key }: TimelineItem): boolean {
  if (type !== 'heartbeat' || later?.item.type !== 'heartbeat') return false;
  const { item } = later;
  later.item = { ...item, key, at, count: (item.count ?? 1) + 1, until: item.until ?? item.at };
  return true;
}

/** What to look for: first in the bare line, which is quick, then in what a person reads. */
function filterOf({ types, q }: TimelineWish): { line(text: string): boolean; item(item: TimelineItem): boolean } {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const marks = types?.map((type) => `"type":${JSON.stringify(type)}`);
  return {
    line: (text) => marks === undefined || marks.some((mark) => text.includes(mark)),
    item: ({ type, what, text, question_id = '' }) => {
      if (types && !types.includes(type)) return false;
      const all = words.length > 0 ? `${what} ${text} ${question_id}`.toLowerCase() : '';
      return words.every((word) => all.includes(word));
    },
  };
}

function placeOf(cursor: string | undefined): { log: number; position: number } | null {
  const [, log, position] = /^(\d{1,6}):(\d{1,15})$/.exec(cursor ?? '') ?? [];
  return log === undefined ? null : { log: Number(log), position: Number(position) };
}

import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionList, Timeline } from '../../src/channels/web/wire.ts';
import { deliveredDraft, shownDraft } from '../../src/domain/drafts.ts';
import type { EventId, SessionId } from '../../src/domain/ids.ts';
import { type AnswerRecord, type Draft, isForeign } from '../../src/domain/records.ts';
import { SessionHistory } from '../../src/relay/session-history.ts';
import type { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { allRecords } from '../support/all-records.ts';
import { givenAnswer, metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { WebClient } from '../support/web-client.ts';
import { webLine } from '../support/web-line.ts';

interface Scene {
  readonly place: StorePlace;
  readonly store: JsonlStore;
  readonly web: WebClient;
  /** Opens a session; those that are opened later began later. */
  open(facts?: object): Promise<SessionId>;
  list(query?: string): Promise<SessionList>;
  timeline(session: SessionId, query?: string): Promise<Timeline>;
}

/** A page that looks at sessions directories of the test's own. */
async function scene(place = new StorePlace(), ...more: StorePlace[]): Promise<Scene> {
  const directories = [place, ...more].map(({ directory }) => directory);
  const history = new SessionHistory({ directories: () => directories, live: () => [] });
  const web = await (await webLine({ history })).enter();
  const store = place.store();
  let opened = 0;
  return {
    place,
    store,
    web,
    open: async (facts = {}) => {
      const session = newSession();
      const draft = metadataDraft(session);
      opened += 1;
      const start_time = `2026-11-20T10:00:${String(opened).padStart(2, '0')}.000Z`;
      await store.open(session, { ...draft, body: { ...draft.body, start_time, ...facts } });
      return session;
    },
    list: (query = '') => web.get(`/api/sessions${query}`),
    timeline: (session, query = '') => web.get(`/api/sessions/${session}/timeline${query}`),
  };
}

const heartbeat = (): Draft => ({ id: randomUUID() as EventId, body: { type: 'heartbeat' } });
const archive = (store: JsonlStore, session: SessionId) => store.archive(session, async () => true);
const titles = ({ sessions }: SessionList): string[] => sessions.map(({ title }) => title);

describe('the list of sessions', () => {
  it('has live ones first and archived ones after them, each newest first, with what tells them apart', async () => {
    const { store, open, list } = await scene();
    const [old, older] = [await open({ label: 'old' }), await open({ label: 'older' })];
    await archive(store, older);
    await store.append(old, {
      id: randomUUID() as EventId,
      body: { type: 'system', event: 'session_end', reason: 'x' },
    });
    await archive(store, old);
    const [first] = [await open({ label: 'first' }), await open({ git_branch: 'topic' })];
    await store.append(first, {
      id: randomUUID() as EventId,
      body: { type: 'session_updated', label: 'renamed' },
    });
    const all = await list();
    expect(titles(all)).toEqual(['engine · topic', 'renamed', 'old', 'older']);
    expect(all.next).toBe(undefined);
    expect(all.projects).toEqual(['engine']);
    expect(all.sessions[0]).toMatchObject({ state: 'live', project: 'engine', branch: 'topic' });
    expect(all.sessions[2]).toMatchObject({
      session_id: old,
      state: 'archived',
      archived_on: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      project_dir: '/home/ada/engine',
      started_at: '2026-11-20T10:00:01.000Z',
      ended_at: expect.stringMatching(/Z$/),
    });
    expect(titles(await list('?state=live'))).toEqual(['engine · topic', 'renamed']);
    expect(titles(await list('?state=archived'))).toEqual(['old', 'older']);
  });

  it('is searched by label, project, branch and id, and follows a log that grows', async () => {
    const { store, open, list } = await scene();
    const session = await open({ label: 'Payments', git_branch: 'fix/tax' });
    await open({ label: 'other', project_dir: '/home/ada/shop' });
    for (const q of ['pay', 'PAYMENTS', 'engine+pay', 'fix%2Ftax', session.slice(0, 13)]) {
      expect([q, titles(await list(`?q=${q}`))]).toEqual([q, ['Payments']]);
    }
    expect(titles(await list('?project=shop'))).toEqual(['other']);
    expect(titles(await list('?q=nothing'))).toEqual([]);
    await store.append(session, { id: randomUUID() as EventId, body: { type: 'session_updated', label: 'invoices' } });
    expect(titles(await list('?q=invoices'))).toEqual(['invoices']);
    expect(titles(await list('?q=payments'))).toEqual([]);
  });

  it('comes in pages that miss none and repeat none, across days and directories', async () => {
    const [one, two] = [new StorePlace(), new StorePlace()];
    const ids: string[] = [];
    for (const [index, { directory }] of [one, two, one].entries()) {
      const day = join(directory, `archive/2026-11-1${index}`);
      mkdirSync(day, { recursive: true });
      for (let n = 0; n < 45; n += 1) {
        const session = newSession();
        ids.push(session);
        writeFileSync(join(day, `${session}.jsonl`), archivedLine(session));
      }
    }
    const { list, open } = await scene(one, two);
    ids.push(await open());
    const found: string[] = [];
    let next: string | undefined;
    do {
      const page: SessionList = await list(next ? `?after=${next}` : '');
      found.push(...page.sessions.map(({ session_id }) => session_id));
      ({ next } = page);
    } while (next);
    expect(found).toHaveLength(136);
    expect([...found].sort()).toEqual([...ids].sort());
  });
});

describe('the timeline of a session', () => {
  it('says what happened in file order, folds heartbeats, and marks what came too late', async () => {
    const { place, store, open, timeline } = await scene();
    const session = await open({ label: 'payments' });
    const id = newQuestion();
    await store.append(session, questionDraft(id, 'Deploy?'));
    await store.append(session, shownDraft({ question_id: id, channel: 'web', chat: 'page' }, id));
    for (let beats = 0; beats < 3; beats += 1) await store.append(session, heartbeat());
    await store.append(session, givenAnswer(id, 'yes'));
    await store.append(session, heartbeat());
    const records = await allRecords(store, session);
    const answer = records.find((each) => !isForeign(each) && each.type === 'answer') as AnswerRecord;
    await store.append(session, deliveredDraft(answer));
    // Two writers without a lock, and one that wrote again what was there.
    appendFileSync(place.log(session), `${JSON.stringify({ ...answer, event_id: randomUUID(), answer: 'no' })}\n`);
    appendFileSync(place.log(session), `${JSON.stringify(answer)}\n`);
    const { session: entry, items, unreadable, previous } = await timeline(session);
    expect(entry).toMatchObject({ session_id: session, title: 'payments', state: 'live' });
    expect(items.map(({ what, text }) => [what, text.split('\n')[0]])).toEqual([
      ['started', '/home/ada/engine · payments · main · pid 4242'],
      ['asked', 'Deploy?'],
      ['shown', 'in web page'],
      ['lives', ''],
      ['answered', 'yes (Ada, telegram)'],
      ['lives', ''],
      ['delivered', 'Claude has the answer'],
      ['answered', 'no (Ada, telegram)'],
    ]);
    expect(items.map(({ too_late }) => too_late)).toEqual([...Array(7).fill(undefined), true]);
    expect(items[3]).toMatchObject({ type: 'heartbeat', count: 3, until: expect.stringMatching(/Z$/) });
    expect(items[5]).not.toHaveProperty('count');
    expect(items[1]?.question_id).toBe(id);
    expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
    expect([unreadable, previous]).toEqual([0, undefined]);
  });

  it('counts lines that are no records, and takes a record that was written again after a torn one for the first', async () => {
    const { place, store, open, timeline } = await scene();
    const session = await open();
    await store.append(session, noteDraft('before'));
    const [, note] = await allRecords(store, session);
    const line = JSON.stringify({ ...note, event_id: 'written twice', slot: 'once', detail: 'after' });
    appendFileSync(place.log(session), `${line.slice(0, -5)}\n\n${line}\n{"v":1}\n${line.slice(0, 40)}`);
    const { items, unreadable } = await timeline(session);
    expect(items.map(({ text }) => text)).toContain('note · after');
    expect(items.at(-1)).not.toHaveProperty('too_late');
    expect(unreadable).toBe(2);
  });

  it('comes in pages that miss no record, and is searched in all of them', async () => {
    const { place, open, timeline } = await scene();
    const session = await open();
    const lines = Array.from({ length: 999 }, (_, n) => {
      const about = {
        type: n % 3 === 0 ? 'error' : 'system',
        event: `event ${n}.`,
        code: 'C',
        message: `message ${n}.`,
      };
      return `${JSON.stringify({ v: 1, event_id: `e${n}`, timestamp: '2026-11-20T10:00:00.000Z', writer: 'mcp:1', ...about })}\n`;
    });
    appendFileSync(place.log(session), lines.join(''));
    const texts: string[] = [];
    let before: string | undefined;
    do {
      const page: Timeline = await timeline(session, before ? `?before=${before}` : '');
      expect(page.items.length).toBeLessThanOrEqual(200);
      texts.unshift(...page.items.map(({ text }) => text));
      before = page.previous;
    } while (before);
    expect(texts).toHaveLength(1_000);
    expect(texts.slice(1, 4)).toEqual(['C · message 0.', 'event 1.', 'event 2.']);
    expect((await timeline(session, '?q=MESSAGE+333.')).items.map(({ text }) => text)).toEqual(['C · message 333.']);
    const errors = await timeline(session, '?type=error,answer');
    expect([errors.items.length, new Set(errors.items.map(({ type }) => type))]).toEqual([200, new Set(['error'])]);
    expect((await timeline(session, `?type=error&before=${errors.previous}`)).items).toHaveLength(133);
  });

  it('goes on over all logs of a session that was damaged, and into the archive', async () => {
    const { place, store, open, timeline } = await scene();
    const session = await open();
    await store.append(session, noteDraft('lost and found'));
    const corrupt = place.archived(`${session}.corrupt.jsonl`);
    mkdirSync(dirname(corrupt), { recursive: true });
    renameSync(place.log(session), corrupt);
    await store.open(session, metadataDraft(session));
    await store.append(session, noteDraft('new'));
    const texts = async (): Promise<string[]> => (await timeline(session)).items.map(({ text }) => text);
    const expected = ['note · lost and found', 'note · new'];
    expect((await texts()).filter((text) => text.startsWith('note'))).toContain(expected[1]);
    await archive(store, session);
    expect((await texts()).filter((text) => text.startsWith('note'))).toEqual(expect.arrayContaining(expected));
    expect((await timeline(session)).session.state).toBe('archived');
  });
});

describe('the raw log', () => {
  it('is downloaded as it stands', async () => {
    const { place, store, open, web } = await scene();
    const session = await open();
    appendFileSync(place.log(session), 'no record\n{"torn');
    const reply = await web.ask(`/api/sessions/${session}/raw`);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': `attachment; filename="${session}.jsonl"`,
      'x-content-type-options': 'nosniff',
    });
    expect(reply.body).toMatch(/^\{"v":1,.*\nno record\n\{"torn$/);
    await archive(store, session);
    expect((await web.ask(`/api/sessions/${session}/raw`)).body).toBe(reply.body);
  });

  it.each(['raw', 'timeline'])('and %s are refused for what is no session', async (what) => {
    const { web } = await scene();
    expect(await web.ask(`/api/sessions/${randomUUID()}/${what}`)).toMatchObject({
      status: 404,
      body: 'There is no such session.\n',
    });
  });
});

describe('a link out of the sessions directory', () => {
  it.each(['log', 'archived log', 'day', 'archive'])('is not followed in the place of a %s', async (what) => {
    const outside = join(temporaryDirectory(), 'elsewhere');
    const session = newSession();
    const file = join(outside, '2026-11-20', `${session}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, archivedLine(session));
    const { place, web, list, open } = await scene();
    await open({ label: 'inside' });
    const archives = join(place.directory, 'archive');
    if (what !== 'archive') mkdirSync(join(archives, what === 'day' ? '' : '2026-11-20'), { recursive: true });
    if (what === 'log') symlinkSync(file, place.log(session));
    if (what === 'archived log') symlinkSync(file, join(archives, '2026-11-20', `${session}.jsonl`));
    if (what === 'day') symlinkSync(dirname(file), join(archives, '2026-11-20'));
    if (what === 'archive') symlinkSync(outside, archives);
    expect(titles(await list())).toEqual(['inside']);
    for (const path of ['raw', 'timeline']) {
      expect((await web.ask(`/api/sessions/${session}/${path}`)).status).toBe(404);
    }
  });
});

function archivedLine(session: SessionId): string {
  const { id, body } = metadataDraft(session);
  return `${JSON.stringify({ v: 1, event_id: id, timestamp: '2026-11-20T10:00:00.000Z', writer: 'mcp:1', ...body })}\n`;
}

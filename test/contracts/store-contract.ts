import { describe, expect, it, onTestFinished } from 'vitest';
import { eventIdFrom, type SessionId } from '../../src/domain/ids.ts';
import { RECORD_BYTES_MAX } from '../../src/domain/records.ts';
import { emptySessionState, fold } from '../../src/domain/session-state.ts';
import type { Cursor, ReadResult, SessionStore, WriterIdentity } from '../../src/store/contract.ts';
import { SessionView } from '../../src/store/session-view.ts';
import { allRecords } from '../support/all-records.ts';
import { Hints } from '../support/hints.ts';
import { givenAnswer, metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../support/records.ts';

/** Opens stores that share one new, empty place: each call gives another writer at it. */
export type OpenBeside = (writer: WriterIdentity) => SessionStore;

const MCP: WriterIdentity = { role: 'mcp', pid: 100 };
const HUB: WriterIdentity = { role: 'hub', pid: 200 };

/** Two writers at one new place: the owner of sessions, and the hub. */
interface Stores {
  readonly mcp: SessionStore;
  readonly hub: SessionStore;
}

/** What the promises of each verb are tried on. */
interface Bench {
  readonly twoStores: () => Stores;
  readonly withSession: () => Promise<Stores & { session: SessionId }>;
}

/** What every store promises, whatever it is made of. */
export function storeContract(name: string, makePlace: () => OpenBeside): void {
  function twoStores(): Stores {
    const openBeside = makePlace();
    const stores = { mcp: openBeside(MCP), hub: openBeside(HUB) };
    onTestFinished(async () => {
      await Promise.all([stores.mcp.close(), stores.hub.close()]);
    });
    return stores;
  }

  async function withSession(): Promise<Stores & { session: SessionId }> {
    const stores = twoStores();
    const session = newSession();
    await stores.mcp.open(session, metadataDraft(session));
    return { ...stores, session };
  }

  const bench = { twoStores, withSession };
  describe(`${name} store`, () => {
    describe('open', () => openPromises(bench));
    describe('append', () => appendPromises(bench));
    describe('slots', () => slotPromises(bench));
    describe('read', () => readPromises(bench));
    describe('hints', () => hintPromises(bench));
    describe('archive', () => archivePromises(bench));
    describe('attachments', () => attachmentPromises(bench));
    viewPromise(bench);
  });
}

function openPromises({ twoStores, withSession }: Bench): void {
  it('shows a session to every store of the place, with its metadata as the first record', async () => {
    const { hub, session } = await withSession();
    expect(await hub.sessions()).toEqual([session]);
    const read = await hub.read(session, null, 10);
    expect(read?.records).toEqual([
      expect.objectContaining({ v: 1, type: 'session_metadata', session_id: session, writer: 'mcp:100' }),
    ]);
  });

  it('leaves a live session as it is when it is opened again', async () => {
    const { mcp, session } = await withSession();
    await mcp.append(session, noteDraft(1));
    await mcp.open(session, { ...metadataDraft(session), id: eventIdFrom('another') });
    expect(await allRecords(mcp, session)).toHaveLength(2);
  });

  it('refuses to resume an archived session, and says so', async () => {
    const { mcp, hub, session } = await withSession();
    await hub.archive(session, async () => true);
    await expect(mcp.open(session, metadataDraft(session))).rejects.toMatchObject({ code: 'ARCHIVED' });
    expect(await mcp.sessions()).toEqual([]);
  });

  it('has no sessions where none was opened', async () => {
    const { mcp } = twoStores();
    expect(await mcp.sessions()).toEqual([]);
    expect(await mcp.read(newSession(), null, 10)).toBeNull();
  });
}

function appendPromises({ twoStores, withSession }: Bench): void {
  it('adds version, time and writer to a draft and keeps everything else', async () => {
    const { mcp, session } = await withSession();
    const draft = questionDraft(newQuestion(), 'Größe 👋🏽 \u2028 "quoted" \\ \n next line?');
    expect(await mcp.append(session, draft)).toEqual({ status: 'stored', repeated: false });
    const [, record] = await allRecords(mcp, session);
    expect(record).toMatchObject({ ...draft.body, v: 1, event_id: draft.id, writer: 'mcp:100' });
    expect(record?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('makes writing again harmless, from any writer', async () => {
    const { mcp, hub, session } = await withSession();
    const answer = givenAnswer(newQuestion(), 'yes');
    expect(await mcp.append(session, answer)).toEqual({ status: 'stored', repeated: false });
    expect(await mcp.append(session, answer)).toEqual({ status: 'stored', repeated: true });
    expect(await hub.append(session, answer)).toEqual({ status: 'stored', repeated: true });
    expect(await allRecords(hub, session)).toHaveLength(2);
  });

  it('takes ten records at once from one writer', async () => {
    const { mcp, session } = await withSession();
    const results = await Promise.all(Array.from({ length: 10 }, () => mcp.append(session, questionDraft())));
    expect(results).toEqual(Array(10).fill({ status: 'stored', repeated: false }));
    expect(await allRecords(mcp, session)).toHaveLength(11);
  });

  it('refuses a record that is too large before it writes anything', async () => {
    const { mcp, session } = await withSession();
    const large = questionDraft(newQuestion(), 'x'.repeat(RECORD_BYTES_MAX));
    await expect(mcp.append(session, large)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect(await allRecords(mcp, session)).toHaveLength(1);
  });

  it('takes the largest record there can be', async () => {
    const { mcp, session } = await withSession();
    const note = (size: number) => ({ ...noteDraft(1), body: { ...noteDraft(1).body, detail: 'x'.repeat(size) } });
    await mcp.append(session, note(1));
    const overhead = Buffer.byteLength(JSON.stringify((await allRecords(mcp, session))[1]));
    const largest = { ...note(RECORD_BYTES_MAX - overhead), id: eventIdFrom('note', 1_000_000) };
    expect(await mcp.append(session, largest)).toEqual({ status: 'stored', repeated: false });
    expect(await allRecords(mcp, session)).toHaveLength(3);
  });

  it('is closed for a session that was never opened', async () => {
    const { mcp } = twoStores();
    const session = newSession();
    expect(await mcp.append(session, noteDraft(1))).toEqual({ status: 'closed' });
    expect(await mcp.sessions()).toEqual([]);
  });
}

function slotPromises({ withSession }: Bench): void {
  it('gives a slot to the first claim, and tells every later one who holds it', async () => {
    const { mcp, hub, session } = await withSession();
    const question = newQuestion();
    const first = givenAnswer(question, 'yes');
    await mcp.append(session, first);
    const second = await hub.append(session, givenAnswer(question, 'no'));
    expect(second).toMatchObject({ status: 'slot_taken', holder: { event_id: first.id, answer: 'yes' } });
  });

  it('keeps one winner among claims that race, and every claimant knows which', async () => {
    const { mcp, hub, session } = await withSession();
    const question = newQuestion();
    const claims = Array.from({ length: 20 }, (_, i) => givenAnswer(question, `answer ${i}`));
    const results = await Promise.all(claims.map((claim, i) => (i % 2 === 0 ? mcp : hub).append(session, claim)));
    const winners = claims.filter((_, i) => results[i]?.status === 'stored');
    expect(winners).toHaveLength(1);
    for (const result of results) {
      if (result.status !== 'stored') {
        expect(result).toMatchObject({ status: 'slot_taken', holder: { event_id: winners[0]?.id } });
      }
    }
    const state = (await allRecords(hub, session)).reduce(fold, emptySessionState());
    expect(state.ledger.slots.get(`outcome:${question}`)?.event_id).toBe(winners[0]?.id);
  });
}

function readPromises({ withSession }: Bench): void {
  it('reads on from a cursor, and finds nothing twice', async () => {
    const { mcp, hub, session } = await withSession();
    const first = await hub.read(session, null, 10);
    await mcp.append(session, noteDraft(1));
    const second = await hub.read(session, first!.cursor, 10);
    expect(second?.records.map((record) => record.event_id)).toEqual([noteDraft(1).id]);
    const third = await hub.read(session, second!.cursor, 10);
    expect(third).toEqual({ records: [], unreadable: [], cursor: second!.cursor, more: false, restarted: false });
  });

  it('stops at the limit and says that there is more', async () => {
    const { mcp, session } = await withSession();
    for (let i = 0; i < 5; i += 1) await mcp.append(session, noteDraft(i));
    const sizes: number[] = [];
    let cursor: Cursor | null = null;
    for (let more = true; more; ) {
      const read: ReadResult = (await mcp.read(session, cursor, 4))!;
      sizes.push(read.records.length);
      ({ cursor, more } = read);
    }
    expect(sizes).toEqual([4, 2]);
  });

  it('says so and starts over when a cursor is of no use', async () => {
    const { mcp, session } = await withSession();
    const read = await mcp.read(session, 'anything' as Cursor, 10);
    expect(read).toMatchObject({ restarted: true, more: false });
    expect(read?.records).toHaveLength(1);
  });
}

function hintPromises({ twoStores, withSession }: Bench): void {
  it('gives the first hint at once, then one for what another writer appends', async () => {
    const { mcp, hub, session } = await withSession();
    for (const watched of [session, null]) {
      const news = new Hints(hub, watched);
      await news.next();
      await mcp.append(session, noteDraft(`for ${watched}`));
      expect(await news.sees(session)).toBe(true);
      await news.end();
    }
  });

  it('tells whoever watches all sessions that one was opened, and that one was archived', async () => {
    const { mcp, hub } = twoStores();
    const early = newSession();
    await mcp.open(early, metadataDraft(early));
    const news = new Hints(hub, null);
    await news.next();
    const late = newSession();
    await mcp.open(late, metadataDraft(late));
    expect(await news.sees(late)).toBe(true);
    await mcp.archive(early, async () => true);
    expect(await news.sees(early)).toBe(true);
    await news.end();
  });

  it('tells whoever watches one session that it was archived', async () => {
    const { mcp, hub, session } = await withSession();
    const news = new Hints(mcp, session);
    await news.next();
    await hub.archive(session, async () => true);
    expect(await news.sees(session)).toBe(true);
    await news.end();
  });

  it('ends when its signal aborts, when it is left, and when the store closes', async () => {
    const { mcp, session } = await withSession();
    const aborted = AbortSignal.abort();
    for await (const _ of mcp.hints(session, aborted)) expect.unreachable('an aborted signal gives no hints');
    for await (const _ of mcp.hints(session, new AbortController().signal)) break;
    const news = new Hints(mcp, session);
    await news.next();
    const end = news.next();
    await mcp.close();
    expect(await end).toBe('ended');
  });
}

function archivePromises({ withSession }: Bench): void {
  it('takes the session out of the live ones, and writers find it closed', async () => {
    const { mcp, hub, session } = await withSession();
    await mcp.append(session, noteDraft(1));
    expect(await hub.archive(session, async () => true)).toBe('archived');
    expect(await mcp.sessions()).toEqual([]);
    expect(await mcp.read(session, null, 10)).toBeNull();
    expect(await mcp.append(session, noteDraft(2))).toEqual({ status: 'closed' });
    expect(await mcp.append(session, noteDraft(1))).toEqual({ status: 'closed' });
  });

  it('keeps the session when it turns out to live, judged by what was written last', async () => {
    const { mcp, hub, session } = await withSession();
    await mcp.append(session, noteDraft('I live'));
    const result = await hub.archive(session, async () => (await allRecords(hub, session)).length < 2);
    expect(result).toBe('kept');
    expect(await mcp.append(session, noteDraft(2))).toMatchObject({ status: 'stored' });
  });

  it('is done once, however many try', async () => {
    const { mcp, hub, session } = await withSession();
    const results = await Promise.all([mcp, hub, mcp, hub].map((store) => store.archive(session, async () => true)));
    expect(results.sort()).toEqual(['archived', 'gone', 'gone', 'gone']);
  });

  it('passes on what went wrong while it asked, and archives nothing', async () => {
    const { hub, session } = await withSession();
    const asked = hub.archive(session, () => Promise.reject(new Error('cannot tell')));
    await expect(asked).rejects.toThrow('cannot tell');
    expect(await hub.archive(session, async () => true)).toBe('archived');
  });

  it('finds nothing corrupt in a whole session, nor in one that is not there', async () => {
    const { hub, session } = await withSession();
    expect(await hub.archiveCorrupt(session)).toBe('kept');
    expect(await hub.archiveCorrupt(newSession())).toBe('gone');
  });
}

function attachmentPromises({ withSession }: Bench): void {
  it('keeps a long text beside the session, under the path that a record may carry', async () => {
    const { mcp, hub, session } = await withSession();
    const text = `Größe 👋🏽\n${'long '.repeat(40_000)}`;
    const path = await mcp.attach(session, 'q1.context.md', text);
    expect(path).toBe(`${session}/q1.context.md`);
    expect(await hub.readAttachment(session, 'q1.context.md')).toBe(text);
    expect(await hub.readAttachment(session, path)).toBe(text);
  });

  it('keeps what a person sent, under a name of any language', async () => {
    const { mcp, hub, session } = await withSession();
    const path = await mcp.attach(session, 'files/Größe_日本語.txt', Buffer.from('Größe 👋🏽'));
    expect(path).toBe(`${session}/files/Größe_日本語.txt`);
    expect(await hub.readAttachment(session, path)).toBe('Größe 👋🏽');
    expect(await hub.readAttachment(session, 'files')).toBeNull();
  });

  it('replaces a text whole, and has none where none was written', async () => {
    const { mcp, session } = await withSession();
    await mcp.attach(session, 'a', 'first');
    await mcp.attach(session, 'a', '');
    expect(await mcp.readAttachment(session, 'a')).toBe('');
    expect(await mcp.readAttachment(session, 'b')).toBeNull();
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '.hidden',
    'a\0b',
    'x'.repeat(200),
    '/etc/passwd',
    'a\\b',
    'files',
    'files/',
    'files/..',
    'files/a/b',
    'files/.x',
    'files/CON',
    'files/a b',
    'ärger',
  ])('lets no name leave the directory of the session: %j', async (name) => {
    const { mcp, session } = await withSession();
    await expect(mcp.attach(session, name, 'text')).rejects.toThrow(TypeError);
    expect(await mcp.readAttachment(session, name)).toBeNull();
  });
}

function viewPromise({ withSession }: Bench): void {
  it('a view folds what every writer wrote, in the order of the log', async () => {
    const { mcp, hub, session } = await withSession();
    const view = new SessionView(hub, session);
    const question = newQuestion();
    await mcp.append(session, questionDraft(question));
    await view.refresh();
    expect(view.state.questions.get(question)?.status).toBe('pending');
    await hub.append(session, givenAnswer(question, 'yes'));
    const news = await view.refresh();
    expect(news.records.map((record) => 'type' in record && record.type)).toEqual(['answer']);
    expect(view.state.questions.get(question)).toMatchObject({ status: 'answered', answer: { answer: 'yes' } });
  });
}

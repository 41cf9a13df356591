import { EventEmitter, once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mcpPlace, recordsOf, sessionOf, startMcp } from '../support/mcp-client.ts';
import { linesOf } from '../support/store-places.ts';
import { kill, until } from '../support/switchboard.ts';

const TOOLS = [
  'ask_blocking_question',
  'check_question_answers',
  'mark_question_answered',
  'notify_user',
  'set_session_label',
  'claude_code_hook',
  'permission_prompt',
];

describe('switchboard mcp', () => {
  it('offers its tools and brings an answer back from the file, with the receipt after it', async () => {
    const mcp = await startMcp();
    expect((await mcp.client.listTools()).tools.map(({ name }) => name)).toEqual(TOOLS);
    const asking = mcp.call('ask_blocking_question', { question: 'Deploy now?', options: ['Yes', 'No'] });
    const id = await mcp.session();
    const { record } = await mcp.hub.question(id, 'Deploy now?');
    await mcp.hub.answer(id, record.id, 'Yes');
    expect((await asking).structuredContent).toMatchObject({ status: 'answered', answer: 'Yes' });
    await mcp.hub.until(id, (state) => state.questions.get(record.id)?.deliveredAt);
    const types = recordsOf(mcp, id).map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['session_metadata', 'system', 'question']);
    expect(types.indexOf('answer_delivered')).toBeGreaterThan(types.indexOf('answer'));
  });

  it('gives several instances in one directory each only its own answer', async () => {
    const place = mcpPlace();
    const servers = await Promise.all([1, 2, 3, 4].map(() => startMcp(place)));
    const asking = servers.map((mcp, n) => mcp.call('ask_blocking_question', { question: `Same words? ${n % 2}` }));
    const asked = await Promise.all(
      servers.map(async (mcp, n) => {
        const session = await mcp.session();
        return { session, question: await mcp.hub.question(session, `Same words? ${n % 2}`) };
      }),
    );
    for (const [n, { session, question }] of [...asked.entries()].reverse()) {
      await place.hub.answer(session, question.record.id, `for ${n}`);
    }
    const answers = await Promise.all(asking);
    expect(answers.map(({ structuredContent }) => structuredContent?.answer)).toEqual([
      'for 0',
      'for 1',
      'for 2',
      'for 3',
    ]);
  });

  it('asks ten questions at once, loses none and mixes up none', async () => {
    const mcp = await startMcp();
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    const asking = numbers.map((n) => mcp.call('ask_blocking_question', { question: `Question ${n}?` }));
    const id = await mcp.session();
    for (const n of [...numbers].reverse()) {
      const { record } = await mcp.hub.question(id, `Question ${n}?`);
      await mcp.hub.answer(id, record.id, `Answer ${n}`);
    }
    const answers = await Promise.all(asking);
    expect(answers.map(({ structuredContent }) => structuredContent?.answer)).toEqual(
      numbers.map((n) => `Answer ${n}`),
    );
  });

  it('writes heartbeats while it lives', async () => {
    const mcp = await startMcp(mcpPlace(), { timings: { heartbeat: 30 } });
    const id = await mcp.session();
    const beats = (): number => recordsOf(mcp, id).filter(({ type }) => type === 'heartbeat').length;
    await until(
      () => beats() >= 3,
      () => 'three heartbeats',
    );
  });

  it('records the cancellation of a call as a withdrawal', async () => {
    const mcp = await startMcp();
    const cancel = new AbortController();
    const asking = mcp.call('ask_blocking_question', { question: 'Still?' }, { signal: cancel.signal });
    const id = await mcp.session();
    const { record } = await mcp.hub.question(id, 'Still?');
    cancel.abort('Esc');
    await expect(asking).rejects.toThrow();
    expect(await mcp.hub.until(id, (state) => state.questions.get(record.id)?.closed)).toMatchObject({
      reason: 'withdrawn',
    });
  });

  it('says what to do while its directory cannot be written, and works once that is mended', async () => {
    const place = mcpPlace();
    // A file in the way stops root too, which permissions would not.
    mkdirSync(dirname(dirname(place.sessionsDirectory)), { recursive: true });
    writeFileSync(dirname(place.sessionsDirectory), 'in the way');
    const mcp = await startMcp(place);
    const refused = await mcp.call('ask_blocking_question', { question: 'Anybody?', wait: false });
    expect(refused.isError).toBe(true);
    expect(JSON.stringify(refused.content)).toContain(`${dirname(place.sessionsDirectory)} is no directory`);
    rmSync(dirname(place.sessionsDirectory));
    const asked = await mcp.call('ask_blocking_question', { question: 'Anybody?', wait: false });
    expect(asked.structuredContent).toMatchObject({ status: 'pending' });
  });

  it('gets its answer though its file was damaged while it waited', async () => {
    const mcp = await startMcp(mcpPlace(), { timings: { slowLook: 50 } });
    const asking = mcp.call('ask_blocking_question', { question: 'Damaged?' });
    const id = await mcp.session();
    const { record } = await mcp.hub.question(id, 'Damaged?');
    const path = join(mcp.sessionsDirectory, `${id}.jsonl`);
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[0] = '\0\0 damage';
    // As an editor saves: another file takes its place.
    rmSync(path);
    writeFileSync(path, lines.join('\n'));
    await mcp.hub.until(id, (state) => (state.metadata && state.questions.has(record.id) ? true : undefined));
    await mcp.hub.answer(id, record.id, 'Mended');
    expect((await asking).structuredContent).toMatchObject({ question_id: record.id, answer: 'Mended' });
  });

  it('starts its file again, open question and all, when somebody removed the whole directory', async () => {
    const mcp = await startMcp(mcpPlace(), { timings: { slowLook: 50 } });
    const asking = mcp.call('ask_blocking_question', { question: 'Removed?', context: 'long '.repeat(3_000) });
    const id = await mcp.session();
    const { record } = await mcp.hub.question(id, 'Removed?');
    // Out of the way in one step first: the server is quick enough to fill it again while it is being emptied.
    renameSync(mcp.sessionsDirectory, `${mcp.sessionsDirectory}.old`);
    rmSync(`${mcp.sessionsDirectory}.old`, { recursive: true });
    await until(
      () => existsSync(join(mcp.sessionsDirectory, `${id}.jsonl`)),
      () => 'the file to be there again',
    );
    const again = await mcp.hub.until(id, (state) => state.questions.get(record.id));
    expect(await mcp.hub.store.readAttachment(id, again.record.context_file ?? '')).toContain('long long');
    await mcp.hub.answer(id, record.id, 'Back');
    expect((await asking).structuredContent).toMatchObject({ question_id: record.id, answer: 'Back' });
  });

  it('writes each line down that it cannot read, once, and goes on', async () => {
    const mcp = await startMcp();
    const asking = mcp.call('ask_blocking_question', { question: 'Garbage?' });
    const id = await mcp.session();
    const { record } = await mcp.hub.question(id, 'Garbage?');
    const errors = (): unknown[] => errorsIn(join(mcp.sessionsDirectory, `${id}.jsonl`));
    for (const [n, garbage] of ['{"v":1,\n', 'no json\n'].entries()) {
      appendFileSync(join(mcp.sessionsDirectory, `${id}.jsonl`), garbage);
      await until(
        () => errors().length === n + 1,
        () => `${n + 1} error records`,
      );
    }
    await mcp.hub.answer(id, record.id, 'Fine');
    expect((await asking).structuredContent).toMatchObject({ answer: 'Fine' });
    expect(errors()).toMatchObject([{ code: 'UNREADABLE_LINE' }, { code: 'UNREADABLE_LINE' }]);
  });

  it('goes on in a new session, with the same question, when it was archived while it was stopped', async () => {
    const mcp = await startMcp(mcpPlace(), { timings: { slowLook: 50 } });
    const told = new EventEmitter();
    const onprogress = (): void => void told.emit('progress');
    const waiting = once(told, 'progress');
    const asking = mcp.call('ask_blocking_question', { question: 'Asleep?', label: 'night shift' }, { onprogress });
    const old = await mcp.session();
    const { record } = await mcp.hub.question(old, 'Asleep?');
    // By its first word about waiting it has let go of the lock, which would otherwise block for 10 s.
    await waiting;
    kill(mcp.pid, 'SIGSTOP');
    expect(await mcp.hub.store.archive(old, async () => true)).toBe('archived');
    kill(mcp.pid, 'SIGCONT');
    const id = await sessionOf(mcp, mcp.pid);
    expect(id).not.toBe(old);
    const moved = await mcp.hub.question(id, 'Asleep?');
    expect(moved.record).toMatchObject({ id: record.id, created_at: record.created_at });
    await mcp.hub.answer(id, record.id, 'Awake');
    expect((await asking).structuredContent).toMatchObject({ question_id: record.id, answer: 'Awake' });
    expect(recordsOf(mcp, id)).toContainEqual(expect.objectContaining({ event: 'previous_session', detail: old }));
    expect(recordsOf(mcp, id)[0]).toMatchObject({ label: 'night shift' });
  });
});

/** The error records of a file that also has lines which are none. */
function errorsIn(path: string): { type: string }[] {
  const records = linesOf(path).flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // Put there by the test.
    }
  });
  return records.filter(({ type }) => type === 'error');
}

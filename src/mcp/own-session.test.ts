import { statSync, truncateSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { HubSide, mcpBench } from '../../test/support/mcp-bench.ts';
import { StorePlace } from '../../test/support/store-places.ts';
import { until } from '../../test/support/switchboard.ts';
import { closedDraft } from '../domain/drafts.ts';
import type { SessionId } from '../domain/ids.ts';
import type { SessionRecord } from '../domain/records.ts';
import type { ReadResult } from '../store/contract.ts';
import { StoreError } from '../store/errors.ts';
import { MemoryStore } from '../store/memory-store.ts';

const mcpMemory = (): MemoryStore => new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });

async function recordsOf(store: MemoryStore, session: SessionId): Promise<readonly SessionRecord[]> {
  return (await store.read(session, null, 1_000))?.records ?? [];
}

describe('the link to the hub', () => {
  it('is made in the end, though the first tries failed: else the hub would never hear of the session', async () => {
    const { call, link, session } = await mcpBench({ linkFailures: 2, timings: { slowLook: 5 } });
    await session();
    await call('ask_blocking_question', { question: 'Seen?', wait: false });
    await until(
      () => link.looks > 0,
      () => 'a look of the hub',
    );
  });
});

describe('the session of this process', () => {
  it('says who it is in its first record, and that it started and ended', async () => {
    const memory = mcpMemory();
    const { session, end, finished, call } = await mcpBench({ memory });
    await call('set_session_label', { label: 'x' });
    const id = await session();
    end.abort('SIGTERM');
    await finished;
    const records = await recordsOf(memory, id);
    expect(records[0]).toMatchObject({
      type: 'session_metadata',
      session_id: id,
      pid: 4242,
      host: 'desk',
      cwd: '/nowhere/engine',
      project_dir: '/nowhere/engine',
      client: { name: 'claude-code', version: '2.1.329' },
      claude_session_id: 'claude-1',
      version: '0.1.0',
    });
    expect(records[1]).toMatchObject({ type: 'system', event: 'session_start' });
    expect(records.at(-1)).toMatchObject({ type: 'system', event: 'session_end', reason: 'SIGTERM' });
  });

  it('does not withdraw its questions when it ends', async () => {
    const memory = mcpMemory();
    const { session, end, finished, call, hub } = await mcpBench({ memory });
    const asking = call('ask_blocking_question', { question: 'Open at the end?' });
    asking.catch(() => undefined);
    const id = await session();
    await hub.question(id, 'Open at the end?');
    end.abort('stdin_closed');
    await finished;
    expect(await recordsOf(memory, id)).not.toContainEqual(expect.objectContaining({ type: 'question_closed' }));
  });

  it('goes on elsewhere, questions, answers and all, when somebody took it for dead', async () => {
    const memory = mcpMemory();
    const { session, call, hub, link } = await mcpBench({ memory });
    const asking = call('ask_blocking_question', { question: 'Alive?' });
    const old = await session();
    const { record } = await hub.question(old, 'Alive?');
    const unread = await call('ask_blocking_question', { question: 'Answered?', wait: false });
    const answered = (await hub.question(old, 'Answered?')).record.id;
    await hub.answer(old, answered, 'Before');
    await hub.store.append(old, closedDraft(record.id, 'session_ended'));
    await until(
      () => link.announced.length === 1,
      () => 'the new id',
    );
    const id = link.announced[0] as SessionId;
    expect(await recordsOf(memory, old)).toContainEqual(
      expect.objectContaining({ event: 'session_end', reason: 'moved', detail: id }),
    );
    await hub.answer(id, record.id, 'Of course');
    expect((await asking).structuredContent).toMatchObject({ status: 'answered', answer: 'Of course' });
    expect((await call('check_question_answers')).structuredContent).toMatchObject({
      questions: [{ question_id: unread.structuredContent?.question_id, answer: 'Before' }],
    });
    await hub.until(id, (state) => state.questions.get(answered)?.deliveredAt);
  });

  it('leaves one successor behind, however often the move fails', async () => {
    const memory = mcpMemory();
    const { session, call, hub } = await mcpBench({ memory, timings: { slowLook: 5 } });
    await call('ask_blocking_question', { question: 'Moved?', wait: false });
    const old = await session();
    const { record } = await hub.question(old, 'Moved?');
    const append = vi.spyOn(memory, 'append').mockRejectedValue(new StoreError('DISK_FULL', 'full'));
    await hub.store.append(old, closedDraft(record.id, 'session_ended'));
    await until(
      () => append.mock.calls.length > 0,
      () => 'the try to move',
    );
    append.mockRestore();
    // Any next step of the session tries again; a heartbeat would.
    await call('set_session_label', { label: 'mended' });
    await call('check_question_answers');
    expect(await memory.sessions()).toHaveLength(2);
  });

  it('writes the receipt later when the store refuses it at first', async () => {
    const memory = mcpMemory();
    const { session, call, hub } = await mcpBench({ memory, timings: { heartbeat: 20 } });
    const asking = call('ask_blocking_question', { question: 'Receipt?' });
    const id = await session();
    const { record } = await hub.question(id, 'Receipt?');
    const append = memory.append.bind(memory);
    let refusals = 0;
    vi.spyOn(memory, 'append').mockImplementation((to, draft) => {
      if (draft.body.type !== 'answer_delivered' || refusals > 0) return append(to, draft);
      refusals += 1;
      return Promise.reject(new StoreError('DISK_FULL', 'full'));
    });
    await hub.answer(id, record.id, 'Yes');
    expect((await asking).structuredContent).toMatchObject({ answer: 'Yes' });
    await hub.until(id, (state) => state.questions.get(record.id)?.deliveredAt);
    expect(refusals).toBe(1);
  });

  it.each([
    ['an expiry', 'expired', { timeout_minutes: 1 }, () => undefined],
    ['a withdrawal', 'withdrawn', {}, (cancel: AbortController) => cancel.abort()],
  ])('writes %s later when the store refuses it at first', async (_what, reason, input, act) => {
    const memory = mcpMemory();
    const { session, call, hub } = await mcpBench({ memory, timings: { heartbeat: 20, minute: 60 } });
    const append = memory.append.bind(memory);
    let refusals = 0;
    vi.spyOn(memory, 'append').mockImplementation((to, draft) => {
      if (draft.body.type !== 'question_closed' || refusals > 0) return append(to, draft);
      refusals += 1;
      return Promise.reject(new StoreError('DISK_FULL', 'full'));
    });
    const cancel = new AbortController();
    const asking = call('ask_blocking_question', { question: 'Refused?', ...input }, { signal: cancel.signal });
    asking.catch(() => undefined);
    const id = await session();
    const { record } = await hub.question(id, 'Refused?');
    act(cancel);
    expect(await hub.until(id, (state) => state.questions.get(record.id)?.closed)).toMatchObject({ reason });
    expect(refusals).toBe(1);
  });

  it('writes each unreadable line down once', async () => {
    const memory = mcpMemory();
    const read = memory.read.bind(memory);
    vi.spyOn(memory, 'read').mockImplementation(async (...args): Promise<ReadResult | null> => {
      const result = await read(...args);
      return result && { ...result, unreadable: args[1] === null ? [{ position: 77, bytes: 5 }] : [] };
    });
    const { session, call } = await mcpBench({ memory });
    await call('set_session_label', { label: 'one' });
    await call('set_session_label', { label: 'two' });
    const errors = (await recordsOf(memory, await session())).filter(({ type }) => type === 'error');
    expect(errors).toMatchObject([{ code: 'UNREADABLE_LINE', message: expect.stringContaining('position 77') }]);
  });
});

describe('a question that is cut off from the file before its own session has read it', () => {
  it('is written again, and its tool returns', async () => {
    const place = new StorePlace();
    const store = place.store({ timings: { slowLook: 20, slowLookWaiting: 20 } });
    const append = store.append.bind(store);
    let cut = false;
    store.append = async (session, draft) => {
      const result = await append(session, draft);
      if (draft.body.type === 'question' && !cut) {
        cut = true;
        truncateSync(place.log(session), statSync(place.log(session)).size - 30);
      }
      return result;
    };
    const { call, session } = await mcpBench({ store });
    const asked = call('ask_blocking_question', { question: 'Still there?' });
    const id = await session();
    const hub = new HubSide(place.store({ timings: { slowLook: 20, slowLookWaiting: 20 } }));
    const { record } = await hub.question(id, 'Still there?');
    await hub.answer(id, record.id, 'Yes');
    expect((await asked).structuredContent).toMatchObject({ status: 'answered', answer: 'Yes' });
    expect(cut).toBe(true);
  });
});

import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { nextCard, runHook, untilClosed } from '../../../test/support/claude-hooks.ts';
import { BENCH_HOST, type Bench, mcpBench } from '../../../test/support/mcp-bench.ts';
import { MemoryStore } from '../../store/memory-store.ts';

describe('the end of a turn', () => {
  const STOP = { stop_hook_active: 'false', last_assistant_message: 'All **done**.', background_tasks: [] };

  async function away(finishedCard: 'on' | 'away', isAway: () => boolean): Promise<Bench> {
    const settings = { ...BENCH_HOST.settings, finishedCard };
    return mcpBench({ host: { settings, isAway: async () => isAway() }, timings: { slowLook: 20 } });
  }

  it('is not shown unless that is wanted', async () => {
    const bench = await mcpBench();
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('waits for a word while the person is away, which Claude goes on with', async () => {
    const bench = await away('away', () => true);
    const stopping = runHook(bench, 'Stop', STOP);
    const card = await nextCard(bench, 'I have finished. What shall I do next?');
    expect(card.record.context).toBe('All **done**.');
    await bench.hub.answer(await bench.session(), card.record.id, 'Now the tests');
    expect(await stopping).toEqual({ decision: 'block', reason: 'The person you work for (Ada) says: Now the tests' });
    await bench.hub.until(await bench.session(), (state) => state.questions.get(card.record.id)?.deliveredAt);
  });

  it('lets go as soon as the person is back, or types', async () => {
    let isAway = true;
    const bench = await away('away', () => isAway);
    const first = runHook(bench, 'Stop', STOP);
    const card = await nextCard(bench);
    await runHook(bench, 'UserPromptSubmit', { prompt: 'here I am' });
    expect(await first).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal' });
    const second = runHook(bench, 'Stop', STOP);
    await nextCard(bench);
    isAway = false;
    expect(await second).toEqual({});
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
  });

  it('lets go of a card that was only just being written down when somebody typed', async () => {
    const memory = new MemoryStore({ writer: { role: 'mcp', pid: 4242 } });
    const append = memory.append.bind(memory);
    const typing = new EventEmitter();
    const typed = once(typing, 'typed');
    memory.append = async (session, draft) => {
      const result = await append(session, draft);
      if (draft.body.type === 'question') await typed;
      return result;
    };
    const settings = { ...BENCH_HOST.settings, finishedCard: 'away' as const };
    const bench = await mcpBench({ memory, host: { settings, isAway: async () => true } });
    const stopping = runHook(bench, 'Stop', STOP);
    const card = await nextCard(bench);
    await runHook(bench, 'UserPromptSubmit', { prompt: 'here I am' });
    typing.emit('typed');
    expect(await stopping).toEqual({});
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal' });
  });

  it('is not shown when somebody types while it is looked whether anybody is away', async () => {
    const news = new EventEmitter();
    const looked = once(news, 'looked');
    const typed = once(news, 'typed');
    const settings = { ...BENCH_HOST.settings, finishedCard: 'away' as const };
    const isAway = async () => {
      news.emit('looked');
      await typed;
      return true;
    };
    const bench = await mcpBench({ host: { settings, isAway } });
    const stopping = runHook(bench, 'Stop', STOP);
    await looked;
    await runHook(bench, 'UserPromptSubmit', { prompt: 'here I am' });
    news.emit('typed');
    expect(await stopping).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('does not hold up the desk: the card stays until the next prompt', async () => {
    const bench = await away('on', () => false);
    expect(await runHook(bench, 'Stop', STOP)).toEqual({});
    const card = await nextCard(bench);
    await runHook(bench, 'UserPromptSubmit', { prompt: 'next' });
    expect(await untilClosed(bench, card)).toMatchObject({ where: 'terminal' });
  });

  it('is not shown while something still runs in the background, nor without a terminal', async () => {
    const bench = await away('on', () => false);
    const background_tasks = [{ id: 'a', type: 'subagent', status: 'running' }];
    expect(await runHook(bench, 'Stop', { ...STOP, background_tasks })).toEqual({});
    expect((await bench.hub.until(await bench.session(), (state) => state)).questions.size).toBe(0);
  });

  it('goes on at most seven times in a row by itself', async () => {
    const bench = await away('away', () => true);
    for (let time = 0; time < 7; time += 1) {
      const stopping = runHook(bench, 'Stop', { ...STOP, stop_hook_active: time > 0 });
      const card = await nextCard(bench);
      await bench.hub.answer(await bench.session(), card.record.id, `word ${time}`);
      expect((await stopping).decision).toBe('block');
    }
    expect(await runHook(bench, 'Stop', { ...STOP, stop_hook_active: true })).toEqual({});
  });
});

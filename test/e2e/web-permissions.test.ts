import { describe, expect, it } from 'vitest';
import type { TellResponse } from '../../src/channels/web/wire.ts';
import { permissionOptions } from '../../src/domain/permission.ts';
import type { Card } from '../../src/relay/channel.ts';
import { Confirmations } from '../../src/relay/confirmations.ts';
import { session } from '../support/memory-desk.ts';
import { webLine } from '../support/web-line.ts';

const DANGER = 'Deletes files and directories, and everything in them.';
const dangerous: Partial<Card> = {
  kind: 'permission',
  context: 'rm -rf build',
  options: permissionOptions('Bash(rm *)'),
  permission: { tool: 'Bash', input_hash: '', cwd: '/', dangers: [DANGER] },
};
const PRESS = '4f3c8d5e-6a0b-4c1d-9e2f-3a4b5c6d7e8f';

describe('the web inbox', () => {
  it('hands back what is dangerous with all of it, and takes it once it is confirmed', async () => {
    const { desk, enter } = await webLine();
    const web = await enter();
    const card = desk.add('May I run a command?', { ...dangerous, context: `rm -rf build ${'x'.repeat(20_000)}` });
    const first = await web.answer(card.question_id, { options: [0] });
    expect(first).toMatchObject({ verdict: 'confirm', ok: false, confirm: { dangers: [DANGER], pin: false } });
    expect(first.card?.context).toHaveLength(20_013);
    expect(first.card?.context_cut).toBeUndefined();
    const second = await web.answer(card.question_id, { options: [0], confirmed: true });
    expect(second).toMatchObject({ verdict: 'recorded', ok: true, card: { decision: 'Allowed once' } });
  });

  it('allows nothing by a text, only by a press', async () => {
    const { desk, enter } = await webLine();
    const web = await enter();
    const card = desk.add('May I run a command?', { ...dangerous, permission: undefined });
    for (const text of ['1.', 'Allow once', 'allow for this session']) {
      const message = expect.stringContaining('Press one of the buttons to allow this');
      expect(await web.answer(card.question_id, { text })).toMatchObject({ verdict: 'invalid', ok: false, message });
    }
    expect(desk.answers).toEqual([]);
    expect(await web.answer(card.question_id, { options: [0] })).toMatchObject({ card: { decision: 'Allowed once' } });
  });

  it('takes the PIN, says how many attempts are left, and hands it to nobody', async () => {
    const { desk, enter } = await webLine();
    desk.confirmations = new Confirmations('4711');
    const web = await enter();
    const page = await web.open();
    const card = desk.add('May I run a command?', dangerous);
    const answer = (pin?: string) =>
      web.answer(card.question_id, { options: [0], confirmed: true, ...(pin ? { pin } : {}) });
    expect(await answer()).toMatchObject({ confirm: { pin: true } });
    expect(await answer('0815')).toMatchObject({
      verdict: 'wrong_pin',
      message: expect.stringContaining('4 attempts'),
    });
    expect(await answer('4711')).toMatchObject({ ok: true });
    await page.has('card', ({ state }) => state.status === 'answered');
    expect(JSON.stringify(page.events)).not.toMatch(/4711|0815/);
  });

  it('brings a word to a session, and says whether Claude has it', async () => {
    const { desk, enter } = await webLine();
    const web = await enter();
    const checkout = session('checkout');
    desk.add('First?', { session: checkout });
    const tell = (text: string, session_id: string = checkout.id) =>
      web.post<TellResponse>('/api/tell', { session_id, press_id: PRESS, text });
    expect(await tell('use the cache')).toEqual({ ok: true, message: 'For checkout: Claude has it.' });
    desk.wordVerdicts.push({ verdict: 'written', session: checkout, delivered: Promise.resolve(false) });
    expect((await tell('and more')).message).toBe('For checkout: written down; Claude gets it with its next step.');
    expect(await tell('hello?', session('gone', 9).id)).toEqual({
      ok: false,
      message: 'That session has ended; nothing was sent.',
    });
    expect(desk.words.map(({ text, person }) => [text, person.channel])).toEqual([
      ['use the cache', 'web'],
      ['and more', 'web'],
    ]);
    await expect(web.post('/api/tell', { session_id: 'x', press_id: PRESS, text: '' })).rejects.toThrow('400');
  });

  it('tells every page who is away, and takes it from each', async () => {
    const { desk, enter } = await webLine();
    const web = await enter();
    const page = await web.open();
    await page.has('inbox', ({ presence }) => !presence.away);
    expect(await web.post('/api/away', { away: true })).toEqual({ away: true, sessions: {} });
    await page.has('presence', ({ away }) => away);
    expect(desk.presence().away).toBe(true);
    await expect(web.post('/api/away', { away: 'yes' })).rejects.toThrow('400');
  });

  it('lets nobody in to do so without the cookie, or from another site', async () => {
    const { desk, enter } = await webLine();
    const web = await enter();
    const body = JSON.stringify({ away: true });
    const foreign = { origin: 'https://evil.example', 'content-type': 'application/json' };
    for (const path of ['/api/away', '/api/tell']) {
      expect((await web.ask(path, { method: 'POST', headers: foreign, body })).status).toBe(403);
      const own = { origin: web.origin, cookie: '', 'content-type': 'application/json' };
      expect((await web.ask(path, { method: 'POST', headers: own, body })).status).toBe(401);
    }
    expect(desk.presence().away).toBe(false);
  });
});

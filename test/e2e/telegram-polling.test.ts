import { describe, expect, it } from 'vitest';
import { ann, api, desk, line, lineForEachTest, openLater, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

const unpolled = () => api.waitFor(() => !api.polled);

describe('polling', () => {
  it('brings what was pressed and written while no hub ran, and never drops it', async () => {
    line.start();
    const first = await desk.ask('First?', yesNo);
    await line.stop();
    await unpolled();
    ann.presses(line.last(), 'Yes');
    line.start();
    await line.settled('Answer: Yes');
    expect(desk.answers).toMatchObject([{ question_id: first.question_id }]);
    await desk.ask('Second?');
    await line.stop();
    await unpolled();
    ann.says('written meanwhile');
    line.start();
    await line.settled('Answer: written meanwhile');
    expect(api.calls('deleteWebhook')).toEqual([]);
  });

  it('judges nothing that people did before all questions that are open have been read', async () => {
    const files = openLater();
    desk.readyGate = files.opened;
    const first = desk.add('First?');
    ann.says('for one of two');
    line.start();
    await api.waitFor(() => api.calls('getUpdates').some(({ status }) => status === 200));
    desk.add('Second?');
    files.open();
    await line.seen('Which question');
    expect(desk.answers).toEqual([]);
    expect(desk.card(first.question_id)?.state.status).toBe('pending');
  });

  it('confirms an update only once the relay has said what became of it', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    const gate = openLater();
    desk.answerGate = gate.opened;
    ann.presses(line.last(), 'Yes');
    await expect.poll(() => desk.causes.length, { interval: 2 }).toBe(1);
    // By the time that this is shown, a poll would have come.
    await desk.ask('And then?', yesNo);
    expect(api.unconfirmed).toBe(1);
    expect(api.polled).toBe(false);
    gate.open();
    await api.waitFor(() => api.unconfirmed === 0);
    expect(desk.answers).toHaveLength(1);
  });

  it('takes an update that comes twice as one', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    await api.waitFor(() => api.polled);
    const causes = desk.causes.length;
    api.repeat();
    await api.waitFor(() => desk.causes.length > causes && api.polled);
    expect(new Set(desk.causes).size).toBe(1);
    expect(desk.answers).toHaveLength(1);
  });

  it('handles a tap and a text of one batch in their order', async () => {
    line.start();
    await desk.ask('First?', yesNo);
    await desk.ask('Second?');
    await line.stop();
    await unpolled();
    ann.presses(ann.messages()[0]!, 'Yes');
    ann.says('for what is left');
    line.start();
    await line.settled('Answer: for what is left');
    expect(desk.answers.map(({ given }) => given)).toEqual([{ options: [0] }, { text: 'for what is left' }]);
  });

  it('goes on when an update cannot be handled: it is tried a few times, logged, and skipped', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    desk.mishaps.push(...Array.from({ length: 3 }, () => new Error('broken')));
    const skipped = ann.presses(line.last(), 'No');
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    await api.waitFor(() => skipped.answer);
    expect(skipped.answer?.text).toContain('nothing was recorded');
    expect(line.logged.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'an update could not be handled and is skipped' },
    ]);
  });

  it('tries an update again that failed once', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    desk.mishaps.push(new Error('broken once'));
    ann.presses(line.last(), 'No');
    await line.settled('Answer: No');
  });

  it('survives updates of kinds it has never heard of', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    api.push({ channel_post: { message_id: 1, chat: { id: -9, type: 'supergroup' }, date: 1, text: 'post' } });
    ann.sends({ new_chat_members: [] });
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
  });

  it.each([
    ['429', { kind: 'flood', retryAfter: 1 }],
    ['502', { kind: 'status', code: 502 }],
    ['a reset', { kind: 'reset' }],
  ] as const)('comes back after %s', async (_, fault) => {
    const channel = line.start();
    await api.waitFor(() => api.polled);
    api.fail('getUpdates', fault);
    await desk.ask('Deploy?', yesNo);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    await api.waitFor(() => channel.health().ok);
  });

  it('starts though Telegram cannot be reached, says so and since when, and comes back by itself', async () => {
    const { port } = new URL(api.root);
    await api.close();
    const channel = line.start({ apiRoot: `http://127.0.0.1:${port}` });
    await expect.poll(() => channel.health().detail, { interval: 5 }).toBe('Telegram unreachable: ECONNREFUSED');
    const { since } = channel.health();
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
    const shown = desk.ask('Deploy?', yesNo).catch(() => desk.ask('Deploy?', yesNo));
    await api.listen(Number(port));
    await shown;
    await expect.poll(() => channel.health().ok, { interval: 5 }).toBe(true);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
  });

  it('says plainly that another program polls with the token, once, tries again slowly, and recovers', async () => {
    const channel = line.start();
    await api.waitFor(() => channel.health().ok && api.polled);
    const url = `${api.root}/bot${api.token}/getUpdates`;
    let intruding = true;
    const rival = (async () => {
      while (intruding) await fetch(url, { method: 'POST', body: '{"timeout":1}' }).then((answer) => answer.text());
    })();
    await api.waitFor(() => !channel.health().ok);
    expect(channel.health().detail).toContain('Another program polls with this bot token');
    await api.waitFor(() => api.calls('getUpdates').filter(({ status }) => status === 409).length >= 3);
    intruding = false;
    await rival;
    await api.waitFor(() => channel.health().ok);
    expect(line.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('says that the token is refused, asks again without haste, and works once it is accepted', async () => {
    api.fail('getMe', { kind: 'status', code: 401, description: 'Unauthorized' }, 2);
    const channel = line.start();
    await api.waitFor(() => !channel.health().ok && channel.health().detail.includes('refuses the bot token'));
    await api.waitFor(() => channel.health().ok);
    expect(api.calls('getMe')).toHaveLength(3);
    expect(line.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('removes a webhook that would refuse its polls, and keeps what waits', async () => {
    ann.says('waiting');
    api.webhookUrl = 'https://example.org/hook';
    line.start();
    await line.seen('nothing was recorded');
    expect(api.calls('deleteWebhook').map(({ payload }) => payload)).toEqual([{}]);
  });

  it('asks only for the updates it uses', async () => {
    line.start();
    await api.waitFor(() => api.polled);
    expect(api.calls('getUpdates')[0]!.payload.allowed_updates).toEqual([
      'message',
      'edited_message',
      'callback_query',
    ]);
  });

  it('ends at once when it is told to, in the middle of a poll or of a wait', async () => {
    line.start({ timings: { telegramChat: 60_000, telegramPoll: 60_000 } });
    await desk.ask('First?');
    const waiting = desk.ask('Second?');
    waiting.catch(() => undefined);
    await api.waitFor(() => api.polled);
    const before = performance.now();
    await line.stop();
    await expect(waiting).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe('the token', () => {
  it('is in no log line and no error, whatever goes wrong', async () => {
    const faults = [
      { kind: 'reset' },
      { kind: 'status', code: 502 },
      { kind: 'status', code: 400, description: 'Bad Request: odd' },
    ] as const;
    const channel = line.start();
    const said: string[] = [];
    for (const fault of faults) {
      api.fail('getUpdates', fault);
      api.fail('sendMessage', fault, 4);
      await desk.ask('Deploy?').catch((error: Error) => said.push(`${error.stack} ${(error.cause as Error)?.stack}`));
      said.push(JSON.stringify(channel.health()));
    }
    await line.stop();
    const dead = line.start({ apiRoot: 'http://127.0.0.1:1' });
    await desk.ask('Deploy?').catch((error: Error) => said.push(`${error.stack} ${(error.cause as Error)?.stack}`));
    said.push(JSON.stringify(dead.health()), ...line.logged.map((logged) => JSON.stringify(logged)));
    expect(said.length).toBeGreaterThan(8);
    expect(said.join('\n')).not.toContain(api.token.split(':')[1]);
  });
});

import { describe, expect, it } from 'vitest';
import { ann, api, desk, line, lineForEachTest, openLater, yesNo } from '../support/telegram-line.ts';

lineForEachTest();

describe('sending', () => {
  it.each([
    ['429', { kind: 'flood', retryAfter: 1 }],
    ['502', { kind: 'status', code: 502 }],
    ['a reset', { kind: 'reset' }],
  ] as const)('tries again after %s: the card is shown once', async (_, fault) => {
    line.start();
    api.fail('sendMessage', fault);
    const before = performance.now();
    await desk.ask('Deploy?', yesNo);
    if (fault.kind === 'flood') expect(performance.now() - before).toBeGreaterThan(990);
    expect(ann.messages().map(({ text }) => text?.includes('Deploy?'))).toEqual([true]);
  });

  it('prefers a card twice to none when the answer to a send was lost; either can be pressed', async () => {
    line.start();
    api.fail('sendMessage', { kind: 'lost answer' });
    await desk.ask('Deploy?', yesNo);
    expect(ann.messages()).toHaveLength(2);
    ann.presses(ann.messages()[0]!, 'Yes');
    await api.waitFor(() => ann.messages().every((message) => message.text?.includes('Answer: Yes')));
  });

  it('obeys retry_after for edits, too', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    api.fail('editMessageText', { kind: 'flood', retryAfter: 1 });
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
  });

  it('gives up after a few broken connections, so that the relay can say it is not shown, and is well later', async () => {
    const channel = line.start();
    await api.waitFor(() => channel.health().ok);
    api.fail('sendMessage', { kind: 'reset' }, 4);
    await expect(desk.ask('Deploy?')).rejects.toMatchObject({ code: 'CHANNEL', permanent: false });
    expect(channel.health()).toMatchObject({ ok: false, detail: 'Telegram unreachable: ECONNRESET' });
    await desk.ask('Again?');
    expect(channel.health().ok).toBe(true);
  });

  it('says so when Telegram holds a chat back for long, and comes again when it may', async () => {
    line.start();
    api.fail('sendMessage', { kind: 'flood', retryAfter: 31 });
    const shown = desk.ask('Deploy?');
    await expect(shown).rejects.toMatchObject({
      permanent: false,
      message: 'Telegram takes no messages into this chat for 31 s',
    });
    desk.ask('Deploy?').catch(() => undefined);
    const press = line.bob.presses(line.bob.says('x'), { data: 'x' });
    await api.waitFor(() => press.answer);
    expect(api.calls('sendMessage').filter(({ payload }) => payload.chat_id === '7')).toHaveLength(1);
  });

  it('to one chat does not wait for another that Telegram holds back', async () => {
    desk.owners.add('8');
    line.start();
    const gate = openLater();
    await desk.ask('Warm?');
    api.fail('sendMessage', { kind: 'hold', until: gate.opened });
    const shown = desk.ask('Deploy?');
    await api.waitFor(() => line.bob.messages().some(({ text }) => text?.includes('Deploy?')));
    expect(ann.messages().some(({ text }) => text?.includes('Deploy?'))).toBe(false);
    gate.open();
    await shown;
  });

  it('is refused for good by a person who never opened the bot, in words that help', async () => {
    desk.owners.clear();
    desk.owners.add('99');
    line.start();
    await expect(desk.ask('Deploy?')).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('Start'),
    });
  });
});

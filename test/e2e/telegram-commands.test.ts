import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StateFile } from '../../src/runtime/state-file.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { silentLog } from '../support/silent-log.ts';
import { ann, api, bob, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

lineForEachTest();

const sent = (text: string) => api.calls('sendMessage').filter(({ payload }) => String(payload.text).includes(text));
const isSilent = (text: string) => sent(text).at(-1)?.payload.disable_notification === true;

describe('the menu of commands', () => {
  it('is set for each owner in the own chat, and for nobody else', async () => {
    desk.owners.add('8');
    line.start();
    await api.waitFor(() => api.commands.size === 2);
    const names = (api.commands.get('7') as { command: string }[]).map(({ command }) => command);
    expect(names).toEqual([
      'pending',
      'status',
      'sessions',
      'tell',
      'away',
      'back',
      'mute',
      'unmute',
      'cancel',
      'help',
    ]);
    expect([...api.commands.keys()]).toEqual(['7', '8']);
  });

  it('is that of the owners alone in a group, too', async () => {
    api.group(-100, 'Team');
    line.start({ chatId: '-100' });
    await api.waitFor(() => api.commands.size === 2);
    expect([...api.commands.keys()]).toEqual(['7', '-100:7']);
  });

  it('goes with an owner who is removed, and comes as soon as one can be reached', async () => {
    desk.owners.add('99');
    const channel = line.start();
    await api.waitFor(() => api.calls('setMyCommands').length === 2);
    expect([...api.commands.keys()]).toEqual(['7']);
    desk.owners.delete('7');
    channel.ownersChanged();
    await api.waitFor(() => api.commands.size === 0);
    const cid = api.user(99, 'Cid');
    cid.says('/help');
    await api.waitFor(() => api.commands.has('99'));
  });
});

describe('commands', () => {
  it('/sessions lists the live sessions with label, project, age and open questions', async () => {
    line.start();
    desk.add('First?', { session: session('checkout') });
    ann.says('/sessions');
    const list = await line.seen('Sessions (1)');
    expect(list.text).toBe('Sessions (1)\n• checkout · shop · 1 min · 1 open question');
  });

  it('/status says how the bot is, what is open, whether the chat is muted, and which sessions live', async () => {
    line.start();
    desk.add('First?', { session: session('checkout') });
    ann.says('/mute 30');
    ann.says('/status');
    const status = await line.seen('Sessions (1)');
    expect(status.text).toMatch(
      /^Connected as @switchboard_test_bot, since .+\.\n1 question waits: \/pending\nMuted until/,
    );
    expect(status.text).toContain('checkout · shop');
  });

  it('that nobody knows are explained by those that there are', async () => {
    line.start();
    ann.says('/dance');
    await line.seen(
      'I do not know /dance. I know /pending, /status, /sessions, /tell, /away, /back, /mute, /unmute, /cancel, /help.',
    );
  });
});

describe('/cancel', () => {
  it('forgets the chosen question, so that the next text is not taken for its answer', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.says('/pending');
    const press = ann.presses(await line.seen('Pending questions (2)'), 'two');
    await api.waitFor(() => press.answer);
    expect(press.answer?.text).toBe('Chosen: two. Press an option, or just write. /cancel forgets it.');
    ann.says('/cancel');
    await line.seen('two is no longer chosen.');
    ann.says('just so');
    await line.seen('Which question is this for?');
    expect(desk.answers).toEqual([]);
  });

  it('drops the text that is held, and its buttons work no more', async () => {
    line.start();
    await desk.ask('First?', { session: session('one') });
    await desk.ask('Second?', { session: session('two') });
    ann.says('hello');
    const asking = await line.seen('Which question is this for?');
    ann.says('/cancel');
    await api.waitFor(() => line.now(asking).text === 'Dropped; nothing was recorded.');
    expect(buttonTexts(line.now(asking))).toEqual([]);
    const late = ann.presses(asking, 'one');
    await api.waitFor(() => late.answer);
    expect(late.answer?.text).toContain('used already');
    expect(desk.answers).toEqual([]);
  });

  it('withdraws the prompt for an answer, also when it is written as the reply that the app has opened', async () => {
    line.start();
    await desk.ask('First?', yesNo);
    await desk.ask('Second?');
    ann.presses(ann.messages()[0]!, 'Write an answer');
    const prompt = await api.waitFor(() => ann.messages().find((message) => message.forceReply));
    ann.says('/cancel', { replyTo: prompt });
    await line.seen('shop · main is no longer chosen.');
    await api.waitFor(() => !ann.messages().some((message) => message.forceReply));
    expect(desk.answers).toEqual([]);
  });

  it('says so when there is nothing to cancel, and never touches what was recorded', async () => {
    line.start();
    await desk.ask('Deploy?', yesNo);
    ann.presses(line.last(), 'Yes');
    await line.settled('Answer: Yes');
    ann.says('/cancel');
    await line.seen('There is nothing to cancel');
    expect(desk.answers).toHaveLength(1);
  });

  it('of one owner leaves the choice of another alone', async () => {
    desk.owners.add('8');
    line.start();
    await desk.ask('First?', { session: session('one') });
    const second = await desk.ask('Second?', { session: session('two') });
    bob.says('/pending');
    const press = bob.presses(await line.seen('Pending questions (2)', bob), 'two');
    await api.waitFor(() => press.answer);
    ann.says('/cancel');
    await line.seen('There is nothing to cancel');
    bob.says('just so');
    await line.seen('Recorded for two.', bob);
    expect(desk.answers).toMatchObject([{ question_id: second.question_id }]);
  });
});

describe('/mute', () => {
  it('lets the cards of that chat come silently, for as long as was said; other chats keep their sound', async () => {
    desk.owners.add('8');
    let now = Date.now();
    line.start({ now: () => now });
    ann.says('/mute 30');
    await line.seen('Muted for 30 min');
    await desk.ask('Quiet?');
    const calls = sent('Quiet?').map(({ payload }) => [payload.chat_id, payload.disable_notification === true]);
    expect(calls).toEqual(
      expect.arrayContaining([
        ['7', true],
        ['8', false],
      ]),
    );
    ann.says('/help');
    await line.seen('just write');
    expect(isSilent('just write')).toBe(false);
    now += 30 * 60_000;
    await desk.ask('Loud again?');
    expect(isSilent('Loud again?')).toBe(false);
  });

  it('survives a restart of the hub, and /unmute ends it', async () => {
    const path = join(temporaryDirectory(), 'telegram.json');
    line.start({ state: new StateFile(path, silentLog) });
    ann.says('/mute 30');
    await line.seen('Muted for 30 min');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await line.restart({ state: new StateFile(path, silentLog) });
    await desk.ask('Quiet?');
    expect(isSilent('Quiet?')).toBe(true);
    ann.says('/unmute');
    await line.seen('Questions come with sound again.');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ mutes: {} });
    await desk.ask('Loud?');
    expect(isSilent('Loud?')).toBe(false);
    ann.says('/unmute');
    await line.seen('This chat is not muted.');
  });

  it('alone is an hour, and what is no number of minutes is explained', async () => {
    line.start();
    ann.says('/mute');
    await line.seen('Muted for 60 min');
    for (const wrong of ['/mute forever', '/mute 0', '/mute 10081', '/mute -5']) {
      const before = ann.messages().length;
      ann.says(wrong);
      await api.waitFor(() => ann.messages().length > before);
      expect(line.last().text).toBe('Say for how many minutes, from 1 to 10080: /mute 30');
    }
  });

  it('keeps a flood that becomes a list silent, too', async () => {
    line.start({ timings: { telegramChat: 40 } });
    ann.says('/mute 5');
    await line.seen('Muted for 5 min');
    await Promise.all(Array.from({ length: 12 }, (_, n) => desk.ask(`Many ${n}?`)));
    const list = api.calls('sendMessage').find(({ payload }) => String(payload.text).startsWith('Pending questions'));
    expect(list?.payload.disable_notification).toBe(true);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { StateFile } from '../../src/runtime/state-file.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { silentLog } from '../support/silent-log.ts';
import { ann, api, desk, line, lineForEachTest, yesNo } from '../support/telegram-line.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const GROUP = -100;
const MINUTE = 60_000;
const withdrawn = { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() } as const;

lineForEachTest();
beforeEach(() => {
  api.group(GROUP, 'Team');
});

/** The message at the top of a chat, as soon as it says so. */
const pinned = (chat: number, text: string) =>
  api.waitFor(() =>
    ann
      .messages(chat)
      .find(({ message_id, text: said }) => api.pinned(chat).includes(message_id) && said?.includes(text)),
  );

describe('the inbox', () => {
  const inGroup = { chatId: String(GROUP), inbox: 'auto' } as const;

  it('of a group is one message at its top with the count, silent, and edited as questions come and go', async () => {
    line.start(inGroup);
    const first = await desk.ask('One?', { ...yesNo, session: session('checkout', 1) });
    const inbox = await pinned(GROUP, '1 question waits');
    await desk.ask('Two?', { ...yesNo, session: session('checkout', 1) });
    await desk.ask('Three?', { session: session('search', 2) });
    const three = await pinned(GROUP, '3 questions wait');
    expect(three.message_id).toBe(inbox.message_id);
    expect(three.text).toContain('• checkout (2)\n• search');
    for (const { question_id } of desk.inbox()) await desk.end(question_id, withdrawn);
    expect((await pinned(GROUP, 'No question waits')).message_id).toBe(inbox.message_id);
    expect(first.question_id).toBeDefined();
    expect(api.calls('pinChatMessage').map(({ payload }) => payload.disable_notification)).toEqual([true]);
    const sent = api.calls('sendMessage').find(({ payload }) => String(payload.text).includes('question waits'));
    expect(sent?.payload.disable_notification).toBe(true);
  });

  it('shows the questions as a list of their own when it is pressed, and stays what it is', async () => {
    line.start(inGroup);
    await desk.ask('One?', yesNo);
    ann.presses(await pinned(GROUP, '1 question waits'), 'Show them');
    const list = await line.seen('Pending questions (1)', ann, GROUP);
    expect(buttonTexts(list)[0]).toContain('One?');
    await pinned(GROUP, '1 question waits');
  });

  it('is the same message after a restart of the hub, brought up to date', async () => {
    const directory = temporaryDirectory();
    const state = () => new StateFile(join(directory, 'telegram.json'), silentLog);
    line.start({ ...inGroup, state: state() });
    const first = await desk.ask('One?', yesNo);
    const inbox = await pinned(GROUP, '1 question waits');
    await line.stop();
    expect(JSON.parse(readFileSync(join(directory, 'telegram.json'), 'utf8'))).toMatchObject({
      inbox: { [GROUP]: inbox.message_id },
    });
    desk.forget(first.question_id);
    line.start({ ...inGroup, state: state() });
    expect((await pinned(GROUP, 'No question waits')).message_id).toBe(inbox.message_id);
  });

  it('that somebody has deleted is made anew', async () => {
    line.start(inGroup);
    await desk.ask('One?', yesNo);
    const inbox = await pinned(GROUP, '1 question waits');
    ann.deletes(inbox);
    await desk.ask('Two?', yesNo);
    expect((await pinned(GROUP, '2 questions wait')).message_id).not.toBe(inbox.message_id);
  });

  it('without the right to pin is one all the same', async () => {
    api.setPinRights(GROUP, false);
    line.start(inGroup);
    await desk.ask('One?', yesNo);
    await line.seen('1 question waits', ann, GROUP);
    await desk.ask('Two?', yesNo);
    await line.seen('2 questions wait', ann, GROUP);
    expect(ann.messages(GROUP).filter(({ text }) => text?.includes('wait'))).toHaveLength(1);
  });

  it('is not in private chats, unless it is switched on', async () => {
    const channel = line.start({ inbox: 'auto' });
    await desk.ask('One?', yesNo);
    expect(channel.chats()).toEqual(['7']);
    await line.restart({ inbox: 'on' });
    await pinned(7, '1 question waits');
    expect(ann.messages()).toHaveLength(2);
  });

  it('that is switched off says so and comes down', async () => {
    const state = new StateFile(null, silentLog);
    line.start({ ...inGroup, state });
    await desk.ask('One?', yesNo);
    await pinned(GROUP, '1 question waits');
    await line.restart({ ...inGroup, state, inbox: 'off' });
    await line.seen('switched off', ann, GROUP);
    await api.waitFor(() => api.pinned(GROUP).length === 0);
  });

  it('does not fight the list of a flood: each is one message, and both end with the right count', async () => {
    line.start({ ...inGroup, timings: { telegramGroup: 20, telegramQuiet: 40 } });
    const cards = await Promise.all(Array.from({ length: 12 }, (_, n) => desk.ask(`Question ${n + 1}?`, yesNo)));
    await pinned(GROUP, '12 questions wait');
    await desk.end(cards[0]!.question_id, withdrawn);
    await pinned(GROUP, '11 questions wait');
    await line.seen('Pending questions (11)', ann, GROUP);
    expect(ann.messages(GROUP)).toHaveLength(2);
  });

  it('keeps no card waiting: many changes are few edits', async () => {
    // Long against what twenty cards take on a machine that does much else.
    line.start({ ...inGroup, timings: { telegramGroup: 0, telegramQuiet: 500 } });
    for (let n = 1; n <= 20; n += 1) await desk.ask(`Question ${n}?`, yesNo);
    await pinned(GROUP, '20 questions wait');
    expect(api.calls('editMessageText').length).toBeLessThan(10);
  });
});

describe('a word without a question', () => {
  it.each([
    ['info', true],
    ['warning', undefined],
    ['error', undefined],
  ] as const)('of level %s is silent: %s', async (level, silent) => {
    line.start();
    await desk.ask('The tests pass.', { kind: 'notice', level });
    expect(api.calls('sendMessage').at(-1)?.payload.disable_notification).toBe(silent);
  });

  it('of no level is an info, and a question never silent', async () => {
    line.start();
    await desk.ask('The tests pass.', { kind: 'notice' });
    await desk.ask('Deploy?', yesNo);
    const silent = api.calls('sendMessage').map(({ payload }) => payload.disable_notification);
    expect(silent).toEqual([true, undefined]);
  });
});

describe('a question still open', () => {
  let at = Date.now();
  let looks = 0;
  const now = () => {
    looks += 1;
    return at;
  };
  /** Resolves when the channel has looked for due reminders some more times. */
  const rounds = async () => {
    const before = looks;
    await expect.poll(() => looks, { interval: 5 }).toBeGreaterThan(before + 4);
  };
  const timings = { telegramReminders: 5 };
  const pass = (minutes: number) => {
    at += minutes * MINUTE;
  };
  const asked = () => ({ ...yesNo, asked_at: new Date(at).toISOString() });
  const reminders = (text = '⏰', chat = 7) => ann.messages(chat).filter((each) => each.text?.includes(text));

  it('after 15 minutes is reminded of once, in reply to its card; then when its age has doubled', async () => {
    line.start({ now, timings });
    await desk.ask('Deploy?', asked());
    const card = line.last();
    pass(15.5);
    const reminder = await line.seen('has waited for this for 15 min');
    expect(reminder.reply_to_message?.message_id).toBe(card.message_id);
    expect(reminder.text).not.toContain('Deploy?');
    pass(10);
    await rounds();
    expect(reminders()).toHaveLength(1);
    pass(5);
    await line.seen('for 30 min');
    await api.waitFor(() => reminders().length === 1);
  });

  it('takes a reply to the reminder for its answer, and the reminder goes with the question', async () => {
    line.start({ now, timings });
    const { question_id } = await desk.ask('Deploy?', asked());
    pass(16);
    const reminder = await line.seen('has waited for this');
    await desk.ask('Another?', asked());
    ann.says('yes', { replyTo: reminder });
    await api.waitFor(() => desk.answers[0]?.question_id === question_id);
    await api.waitFor(() => reminders().length === 0);
  });

  it('is reminded of in one chat though another one has blocked the bot', async () => {
    desk.owners.add('8');
    line.start({ now, timings });
    await desk.ask('Deploy?', asked());
    ann.blocks();
    pass(16);
    await line.seen('has waited for this', line.bob);
  });

  it('among many that are due is in one message with their number', async () => {
    line.start({ now, timings });
    const cards = [];
    for (let n = 1; n <= 7; n += 1) cards.push(await desk.ask(`Question ${n}?`, asked()));
    pass(16);
    const reminder = await line.seen('7 questions still wait, the oldest for 16 min');
    expect(reminders()).toHaveLength(1);
    ann.presses(reminder, 'Show them');
    await line.seen('Pending questions (7)');
    for (const { question_id } of cards) await desk.end(question_id, withdrawn);
    await api.waitFor(() => reminders().length === 0);
  });

  it('whose reminder fell due while no hub ran is reminded of at its next time only', async () => {
    line.start({ now, timings });
    await desk.ask('Deploy?', asked());
    await line.stop();
    pass(20);
    line.start({ now, timings });
    await api.waitFor(() => api.polled);
    pass(5);
    await rounds();
    expect(reminders()).toHaveLength(0);
    pass(6);
    await line.seen('has waited for this for 31 min');
  });

  it('is not reminded of with 0 minutes, nor in a muted chat', async () => {
    line.start({ now, timings, remindMinutes: 0 });
    await desk.ask('Deploy?', asked());
    pass(16);
    await desk.ask('Two?', asked());
    await line.restart({ now, timings });
    ann.says('/mute 60');
    await line.seen('Muted for 60 min');
    pass(16);
    await rounds();
    expect(reminders()).toHaveLength(0);
  });

  it('follows the minutes that are set', async () => {
    line.start({ now, timings, remindMinutes: 3 });
    await desk.ask('Deploy?', asked());
    pass(3.5);
    await line.seen('for 3 min');
  });

  it('in a list is reminded of in reply to the list', async () => {
    line.start({ now, timings: { ...timings, telegramChat: 20 } });
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        desk.ask(`Question ${n}?`, { ...asked(), asked_at: new Date(at + n * MINUTE).toISOString() }),
      ),
    );
    const list = await line.seen('Pending questions (8)');
    pass(15.5);
    const reminder = await line.seen('has waited for this');
    expect(reminder.reply_to_message?.message_id).toBe(list.message_id);
  });
});

describe('a question with a default and a time-out', () => {
  it('says what will happen, and when', async () => {
    line.start();
    const expires_at = '2030-01-01T12:00:00.000Z';
    await desk.ask('Deploy?', { ...yesNo, default_answer: 'No', expires_at });
    expect(line.last().text).toMatch(/If nobody answers by \d+ Jan, \d\d:\d\d, “No” is taken\./);
    await desk.ask('Deploy?', { ...yesNo, expires_at });
    expect(line.last().text).toMatch(/Waits until \d+ Jan, \d\d:\d\d\./);
  });
});

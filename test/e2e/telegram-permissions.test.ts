import { beforeEach, describe, expect, it } from 'vitest';
import { permissionOptions } from '../../src/domain/permission.ts';
import type { Card } from '../../src/relay/channel.ts';
import { Confirmations } from '../../src/relay/confirmations.ts';
import type { Press } from '../support/bot-api/callback-queries.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import { buttonTexts } from '../support/bot-api/person.ts';
import { session } from '../support/memory-desk.ts';
import { ann, api, bob, desk, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();

const DANGER = 'Deletes files and directories, and everything in them.';
const COMMAND = 'rm -rf build';
const permission = { tool: 'Bash', input_hash: 'h', cwd: '/home/ada/shop' };

/** A permission on the phone; dangerous when dangers are given. */
function ask(dangers?: string[], more: Partial<Card> = {}): Promise<Card> {
  return desk.ask('May I run a command?', {
    session: session('checkout'),
    kind: 'permission',
    context: `\`\`\`sh\n${COMMAND}\n\`\`\`\n\nWhy, in Claude's words: to tidy up\nDirectory: /home/ada/shop`,
    options: permissionOptions('Bash(rm -rf build)'),
    permission: { ...permission, ...(dangers ? { dangers } : {}) },
    ...more,
  });
}

const told = async (press: Press) => (await api.waitFor(() => press.answer)).text;
const prompt = () => api.waitFor(() => ann.messages().findLast((message) => message.forceReply));

/** Presses Allow once, and returns the message that shows all of it. */
async function allow(): Promise<SeenMessage> {
  const first = ann.presses(await line.seen('You will be asked twice:'), 'Allow once');
  expect(await told(first)).toContain('This is dangerous');
  return line.seen('Look at all of it.');
}

describe('a permission card', () => {
  it('says what wants to run, why, where, and what Allow for this session allows', async () => {
    line.start();
    await ask();
    const card = line.last();
    expect(card.text).toMatch(/^🔐 checkout · shop\nMay I run a command\?\n/);
    for (const words of [COMMAND, "Why, in Claude's words: to tidy up", 'Directory: /home/ada/shop']) {
      expect(card.text).toContain(words);
    }
    expect(card.text).toContain('Allow for this session: Bash(rm -rf build)');
    expect(buttonTexts(card)).toEqual(['Allow once', 'Allow for this session', 'Deny', '✍️ Deny and say why']);
  });

  it('that is harmless is allowed by one press, and says so', async () => {
    line.start();
    await ask();
    ann.presses(line.last(), 'Allow for this session');
    const card = await line.settled('Allowed for this session');
    expect(card.text).toContain(COMMAND);
    expect(card.text).toMatch(/Ann · \d+ \w+, \d\d:\d\d$/);
  });

  it('is denied with words by the reply that Deny and say why opens', async () => {
    line.start();
    await ask([DANGER]);
    ann.presses(line.last(), 'Deny and say why');
    const asking = await prompt();
    expect(asking.text).toContain('Deny, and say why to checkout: May I run a command?');
    ann.says('use git clean', { replyTo: asking });
    await line.settled('Denied: use git clean');
  });

  it('is not allowed by a loose yes that somebody writes', async () => {
    line.start();
    await ask();
    ann.says('ok');
    await line.seen('Press one of the buttons to allow this');
    expect(desk.answers).toEqual([]);
  });

  it.each(['1', '2.', 'Allow once', 'allow ONCE', 'Allow for this session'])(
    'is not allowed by a text that names an option: %s',
    async (text) => {
      line.start();
      const { question_id } = await ask();
      ann.says(text);
      ann.says(text, { replyTo: line.last() });
      await api.waitFor(
        () => ann.messages().filter((m) => m.text?.startsWith('Press one of the buttons')).length === 2,
      );
      expect(desk.answers).toEqual([]);
      expect(desk.card(question_id)?.state.status).toBe('pending');
    },
  );

  it('is not allowed by a text that is assigned to it when several questions are open', async () => {
    line.start();
    await ask();
    await desk.ask('How many?');
    ann.says('1');
    const which = await line.seen('Which question is this for?');
    expect(await told(ann.presses(which, 'May I run'))).toContain('Press one of the buttons to allow this');
    expect(desk.answers).toEqual([]);
    // Nothing came of it, so it may still be for the other one.
    ann.presses(await line.seen('Which question is this for?'), 'How many?');
    await api.waitFor(() => desk.answers.length === 1);
    expect(desk.answers).toMatchObject([{ given: { text: '1' } }]);
  });

  it('is only offered to be denied in a chat that cannot show all of it', async () => {
    line.start();
    const refused = { kind: 'status', code: 400, description: 'Bad Request: no rights to send documents' } as const;
    api.fail('sendDocument', refused, 1);
    await ask(undefined, { context: 'make all && '.repeat(2_000) });
    expect(line.last().text).toContain('Not all of it fits here, so it cannot be allowed here');
    expect(buttonTexts(line.last())).toEqual(['Deny', '✍️ Deny and say why']);
    ann.presses(line.last(), 'Deny');
    await line.settled('Denied');
    expect(desk.answers).toMatchObject([{ given: { options: [2] } }]);
  });

  it('is only offered to be denied when nobody can read what it is about', async () => {
    line.start();
    await ask(undefined, { withheld: [0, 1] });
    expect(buttonTexts(line.last())).toEqual(['Deny', '✍️ Deny and say why']);
  });

  it('says so when it was answered in the terminal', async () => {
    line.start();
    const { question_id } = await ask();
    const at = new Date().toISOString();
    await desk.end(question_id, { status: 'closed', reason: 'answered_elsewhere', where: 'terminal', at });
    await line.settled('Answered in the terminal.');
  });

  it('that nobody answered in time says that nothing was decided, and still what it was about', async () => {
    line.start();
    const { question_id } = await ask();
    await desk.end(question_id, { status: 'closed', reason: 'expired', at: new Date().toISOString() });
    const settled = await line.settled('Expired: nobody answered in time, so nothing was decided here.');
    expect(settled.text).toContain(COMMAND);
  });

  it('that waits for somebody at the desk is not listed, and no text is taken for its answer', async () => {
    line.start();
    desk.add('May I run a command?', { kind: 'permission', held: true });
    ann.says('/pending');
    await line.seen('No question is waiting.');
    ann.says('hello');
    await line.seen('No question is waiting, so nothing was recorded.');
  });
});

describe('a dangerous permission', () => {
  it('is shown whole with its dangers at the first press, and allowed by the second', async () => {
    line.start();
    await ask([DANGER]);
    const card = line.last();
    const again = await allow();
    expect(again.text).toContain('Allow once? Look at all of it.');
    expect(again.text).toContain(DANGER);
    expect(again.text).toContain(COMMAND);
    expect(again.reply_to_message?.message_id).toBe(card.message_id);
    expect(buttonTexts(again)).toEqual(['⚠️ Yes, allow once', 'No']);
    expect(desk.answers).toEqual([]);
    ann.presses(again, 'Yes, allow once');
    await api.waitFor(() => line.now(again).text?.includes('Allowed once'));
    expect(desk.answers).toMatchObject([{ confirmed: true, given: { options: [0] } }]);
    await api.waitFor(() => !line.now(card).reply_markup);
  });

  it('goes on where it was when the hub restarts between the two steps', async () => {
    line.start();
    await ask([DANGER]);
    const again = await allow();
    await line.restart();
    ann.presses(again, 'Yes, allow once');
    await api.waitFor(() => line.now(again).text?.includes('Allowed once'));
  });

  it('is neither allowed nor denied by No: the card still waits', async () => {
    line.start();
    await ask([DANGER]);
    const again = await allow();
    ann.presses(again, 'No');
    await api.waitFor(() => line.now(again).text?.startsWith('Not allowed, and not denied either'));
    expect(desk.answers).toEqual([]);
    expect(desk.inbox()).toHaveLength(1);
    ann.presses(await line.seen('You will be asked twice:'), 'Deny');
    await line.settled('Denied');
  });

  it('with a long command sends all of it as a file, both times', async () => {
    line.start();
    const long = `\`\`\`sh\n${'rm -rf build && '.repeat(400)}true\n\`\`\``;
    await ask([DANGER], { context: long });
    const again = await allow();
    const files = ann.messages().filter(({ document }) => document);
    expect(files).toHaveLength(2);
    expect(again.text).toContain('The whole context');
  });

  it('that is long is not folded the second time, and cannot be allowed where not all of it can be shown', async () => {
    line.start();
    await ask([DANGER], { context: `\`\`\`sh\n${'rm -rf build\n'.repeat(200)}\`\`\`` });
    expect(line.last().entities?.some(({ type }) => type === 'expandable_blockquote')).toBe(true);
    const again = await allow();
    expect(again.entities?.some(({ type }) => type === 'expandable_blockquote')).toBe(false);
    expect(buttonTexts(again)).toEqual(['⚠️ Yes, allow once', 'No']);

    const refused = {
      kind: 'status',
      code: 400,
      description: 'Bad Request: not enough rights to send documents',
    } as const;
    await ask([DANGER], { context: 'rm -rf build && '.repeat(1_000), session: session('other', 5) });
    api.fail('sendDocument', refused, 1);
    const before = line.last().message_id;
    ann.presses(line.last(), 'Allow once');
    const unseen = await api.waitFor(() =>
      ann.messages().find((m) => m.message_id > before && buttonTexts(m).length > 0),
    );
    expect(unseen.text).toContain('Not all of it fits here, so it cannot be allowed here');
    expect(buttonTexts(unseen)).toEqual(['No']);
  });

  it('is not allowed twice: of two owners the first yes counts, the other is told', async () => {
    desk.owners.add('8');
    line.start();
    await ask([DANGER]);
    const mine = await allow();
    bob.presses(await line.seen('You will be asked twice:', bob), 'Allow once');
    const his = await line.seen('Look at all of it.', bob);
    ann.presses(mine, 'Yes, allow once');
    await api.waitFor(() => desk.answers.length === 1);
    const late = bob.presses(his, 'Yes, allow once');
    expect(await told(late)).toContain('Answered already by Ann');
  });

  it('is not confirmed by a stranger who forges the button', async () => {
    line.start();
    const { question_id } = await ask([DANGER]);
    const again = await allow();
    const [yes] = again.reply_markup?.inline_keyboard[0] ?? [];
    const press = bob.presses(again, { data: yes?.callback_data ?? '' });
    expect(await told(press)).toContain('its owner only');
    expect(desk.card(question_id)?.state.status).toBe('pending');
  });
});

describe('a PIN', () => {
  beforeEach(() => {
    desk.confirmations = new Confirmations('4711');
  });

  /** Both presses; returns the prompt for the PIN. */
  async function asked(): Promise<SeenMessage> {
    await ask([DANGER]);
    ann.presses(await allow(), 'Yes, allow once');
    const asking = await prompt();
    expect(asking.text).toContain('Your PIN, to allow once (checkout): May I run a command?');
    return asking;
  }

  it('is asked for after the second press, counts as nothing else, and goes from the chat', async () => {
    line.start();
    const asking = await asked();
    const typed = ann.says('4711', { replyTo: asking });
    await line.seen('Recorded for checkout.');
    expect(desk.answers).toMatchObject([{ given: { options: [0] }, confirmed: true, pin: '4711' }]);
    await api.waitFor(() => api.calls('deleteMessage').some(({ payload }) => payload.message_id === typed.message_id));
    expect(JSON.stringify(line.logged)).not.toContain('4711');
    expect(api.calls('sendMessage').filter(({ payload }) => String(payload.text).includes('4711'))).toEqual([]);
  });

  it('is understood after a restart', async () => {
    line.start();
    const asking = await asked();
    await line.restart();
    ann.says('4711', { replyTo: asking });
    await line.seen('Recorded for checkout.');
    expect(desk.answers).toMatchObject([{ given: { options: [0] }, pin: '4711' }]);
  });

  it('is understood without a reply, too, which not every app opens', async () => {
    line.start();
    await asked();
    ann.says(' 4711 ');
    await line.seen('Recorded for checkout.');
    expect(desk.answers).toMatchObject([{ given: { options: [0] }, pin: '4711' }]);
  });

  it('that is wrong is said to be, asked for again, and after five refused for a while', async () => {
    line.start();
    let asking = await asked();
    for (const left of ['4 attempts are', '3 attempts are', '2 attempts are', '1 attempt is']) {
      const before = asking.message_id;
      ann.says('0000', { replyTo: asking });
      await line.seen(`Wrong PIN; nothing was recorded. ${left} left.`);
      asking = await api.waitFor(() => ann.messages().findLast((m) => m.forceReply && m.message_id > before));
    }
    ann.says('0000', { replyTo: asking });
    await line.seen('Too many wrong PINs');
    expect(desk.answers).toEqual([]);
    ann.presses(await line.seen('You will be asked twice:'), 'Deny');
    await line.settled('Denied');
  });

  it('that nobody needs any more is not asked for, and does not become the answer to something else', async () => {
    line.start();
    const asking = await asked();
    const { question_id } = desk.inbox()[0]!;
    const answered_by = { channel: 'telegram', id: '8', name: 'Bob' };
    const denied = { status: 'answered', answer: 'Deny', selected: ['Deny'], answered_by, delivered: true } as const;
    await desk.end(question_id, { ...denied, answered_at: new Date(Date.now() - 30_000).toISOString() });
    await api.waitFor(() => !ann.messages().some(({ message_id }) => message_id === asking.message_id));
    await desk.ask('What next?');
    const typed = ann.says('4711');
    await line.seen('Answered already by Bob: “Deny”. So no PIN is needed any more');
    await api.waitFor(() => api.calls('deleteMessage').some(({ payload }) => payload.message_id === typed.message_id));
    expect(desk.answers).toEqual([]);
    // Whatever it was, it can be said.
    ann.says('4711');
    await line.seen('Recorded for shop');
    expect(desk.answers).toMatchObject([{ given: { text: '4711' } }]);
  });

  it('is still awaited when it could not be written down, and when none is taken for a while', async () => {
    line.start();
    await asked();
    await desk.ask('What next?');
    desk.mishaps.push({ verdict: 'failed', message: 'The disk is full.' });
    ann.says('4711');
    await line.seen('Could not be recorded');
    for (const left of [4, 3, 2, 1]) {
      ann.says('0000');
      await line.seen(`${left} attempt`);
    }
    ann.says('0000');
    await line.seen('Too many wrong PINs');
    ann.says('4711');
    await api.waitFor(() => ann.messages().filter(({ text }) => text?.startsWith('Too many wrong PINs')).length === 2);
    expect(desk.answers).toEqual([]);
  });

  it('is not taken from a photo, and its prompt is withdrawn by /cancel', async () => {
    line.start();
    const asking = await asked();
    ann.sends({ photo: [{ file_id: 'p', file_unique_id: 'p', width: 1, height: 1 }] }, { replyTo: asking });
    await line.seen('Only the PIN is taken in reply to this');
    ann.says('/cancel', { replyTo: asking });
    await api.waitFor(() => !ann.messages().some((message) => message.forceReply));
    expect(desk.answers).toEqual([]);
  });
});

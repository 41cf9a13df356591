import { describe, expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { ask } from '../support/waiting-line.ts';

const LONG = 'x'.repeat(199);
// Whatever a model may call its options: two that begin alike, one of two lines, one that is invisible.
const OPTIONS = ['Yes\nand more', 'yes', 'Yes', '*_`[', '\u200b', '\u202eright to left', `${LONG}a`, `${LONG}b`];

const QUESTIONS: [string, string][] = [
  ['the name my_var', 'Rename my_var and __init__?'],
  ['an open bracket', 'Is arr[0 right, or *ptr, or `code?'],
  ['markup of every kind', '*_`[x](y)<b>&amp;\\~|#'.repeat(380)],
  ['5,000 characters', `${'word '.repeat(1_000)}end?`],
  ['8,000 characters of emoji', '👩‍👩‍👧‍👦'.repeat(727)],
  ['control characters', '\u0001\u001b[31m\u202e'.repeat(1_000)],
  ['two directions', 'שלום \u202Eabc '.repeat(600)],
  ['nothing to be seen', '\u2800\u200b'.repeat(100)],
];

describe('a question with', () => {
  it.each(QUESTIONS)('%s is shown at once, and answered by the option that was pressed', async (_what, question) => {
    const { api, owner, start } = await startLine();
    const asked = ask(await start({ label: 'texts' }), question, { options: OPTIONS });
    const card = await api.waitFor(() => owner.messages().find(({ reply_markup }) => reply_markup));
    const buttons = card.reply_markup?.inline_keyboard.flat() ?? [];
    expect(new Set(buttons.map(({ text }) => text)).size).toBe(OPTIONS.length + 1);
    const last = OPTIONS.length - 1;
    owner.presses(card, { data: buttons[last]?.callback_data ?? '' });
    expect(await asked).toMatchObject({ status: 'answered', answer: OPTIONS[last] });
    await settledCard(api, owner, 'texts', 'delivered');
    expect(api.requests.filter(({ status }) => status !== null && status >= 400)).toEqual([]);
  });
});

it('a context that is too long for a card comes as a file, and the question is answered', async () => {
  const { api, owner, start } = await startLine();
  const asked = ask(await start({ label: 'texts' }), 'Is that right?', { context: 'All of it. '.repeat(2_000) });
  owner.presses(await openCard(api, owner, 'Is that right?'), 'Yes');
  expect(await asked).toMatchObject({ status: 'answered', answer: 'Yes' });
  expect(api.requests.filter(({ method, status }) => method === 'sendDocument' && status === 200)).toHaveLength(1);
});

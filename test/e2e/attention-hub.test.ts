import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { openCard } from '../support/phone.ts';

// The settings and files around the channel, through the real hub.

describe('a real hub', () => {
  it('brings a context of 200,000 characters as a file, and the answer back', async () => {
    const { api, owner, start } = await startLine();
    const session = await start();
    const context = 'snake_case *ptr 😀\n'.repeat(12_000).slice(0, 199_990).toWellFormed().trim();
    const asked = session.call('ask_blocking_question', {
      question: 'Is it **all** there?',
      context,
      options: ['Yes', 'No'],
    });
    const card = await openCard(api, owner, 'Is it all there?');
    expect(owner.messages().find(({ document }) => document)?.document?.content).toBe(context);
    owner.presses(card, 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
  });

  it('keeps an inbox and reminds, as the settings say', async () => {
    const line = await startLine({ telegramQuiet: 10, telegramReminders: 20, minute: 400 });
    Object.assign(line.env, { TELEGRAM_INBOX: 'on', TELEGRAM_REMIND_MINUTES: '1' });
    const { api, owner, place } = line;
    const session = await line.start({ label: 'checkout' });
    await session.call('ask_blocking_question', { question: 'Deploy?', wait: false });
    const card = await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('Deploy?')));
    const inbox = await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('1 question waits')));
    await api.waitFor(() => api.pinned(owner.id).includes(inbox.message_id));
    const reminder = await api.waitFor(() => owner.messages().find(({ text }) => text?.startsWith('⏰')));
    expect(reminder.reply_to_message?.message_id).toBe(card.message_id);
    const state = JSON.parse(readFileSync(join(place.home, 'telegram.json'), 'utf8'));
    expect(state.inbox).toEqual({ [owner.id]: inbox.message_id });
  });
});

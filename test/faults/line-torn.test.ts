import { appendFileSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openCard, settledCard } from '../support/phone.ts';
import { ask, waitingLine } from '../support/waiting-line.ts';

// Two whole records and a torn one for each length, in one file.
const MS_MAX = 240_000;

it('A torn line of every length costs no question and no answer, whoever writes next', {
  timeout: MS_MAX,
}, async () => {
  const line = await waitingLine('Before?');
  line.owner.presses(line.card, 'Yes');
  await line.asked;
  await settledCard(line.api, line.owner, 'Before?', 'delivered');
  const lines = readFileSync(line.path, 'utf8').split('\n');
  // The shortest there is: every other record begins and ends as it does.
  const torn = lines.filter((text) => text.includes('"answer_delivered"'))[0] ?? '';
  expect(torn.length).toBeGreaterThan(100);
  for (let length = 1; length <= torn.length; length += 1) {
    // By turns the session writes next, and the hub.
    const session = length % 2 === 0;
    if (session) appendFileSync(line.path, torn.slice(0, length));
    const question = `Torn after ${length}?`;
    const asked = ask(line.session, question);
    const card = await openCard(line.api, line.owner, question);
    if (!session) appendFileSync(line.path, torn.slice(0, length));
    line.owner.presses(card, length % 3 === 0 ? 'No' : 'Yes');
    expect(await asked, question).toMatchObject({ status: 'answered', answer: length % 3 === 0 ? 'No' : 'Yes' });
  }
});

import { expect, it } from 'vitest';
import { OWNER_ID, startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';

it('of two owners the first wins, and the other is told who and what', async () => {
  const { api, owner: ada, place, env, timings } = await startLine();
  const bob = api.user(8, 'Bob');
  const session = await startMcp(place, { env: { ...env, TELEGRAM_OWNER_ID: `${OWNER_ID},8` }, timings });
  const asked = session.call('ask_blocking_question', { question: 'Ship it?', options: ['Yes', 'No'] });
  const [adasCard, bobsCard] = [await openCard(api, ada, 'Ship it?'), await openCard(api, bob, 'Ship it?')];
  const first = ada.presses(adasCard, 'Yes');
  await api.waitFor(() => first.answer);
  const press = bob.presses(bobsCard, 'No');
  expect((await asked).structuredContent).toMatchObject({ answer: 'Yes', answered_by: { name: 'Ada' } });
  expect((await api.waitFor(() => press.answer)).text).toMatch(/already by Ada: “Yes”/);
  await settledCard(api, ada, 'Ship it?', 'delivered');
  await settledCard(api, bob, 'Ship it?', /Yes[\s\S]*Ada/);
});

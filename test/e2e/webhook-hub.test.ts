import { describe, expect, it } from 'vitest';
import { startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { hubLog, hubLogged, kill, until } from '../support/switchboard.ts';

describe('the hub behind a webhook', () => {
  it('brings answers home, and after a kill the next hub gets what Telegram could not deliver', async () => {
    const { api, owner, place, env, timings } = await startLine();
    const port = () => hubLog(place.home).findLast(({ msg }) => /^listening for the webhook/.test(msg))?.port ?? 9;
    api.webhook.reach = ({ pathname }) => new URL(`http://127.0.0.1:${port()}${pathname}`);
    const webhook = {
      TELEGRAM_WEBHOOK_URL: 'https://hooks.example.org/inbox',
      TELEGRAM_WEBHOOK_LISTEN: '127.0.0.1:0',
    };
    const session = await startMcp(place, { env: { ...env, ...webhook }, timings });
    const asked = session.call('ask_blocking_question', { question: 'Now?', options: ['Yes', 'No'] });
    owner.presses(await openCard(api, owner, 'Now?'), 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await settledCard(api, owner, 'Now?', 'delivered');

    const next = session.call('ask_blocking_question', { question: 'And now?', options: ['Yes', 'No'] });
    const card = await openCard(api, owner, 'And now?');
    const { pid } = await hubLogged(place.home, /hub started/);
    kill(pid, 'SIGKILL');
    owner.presses(card, 'No');
    expect((await next).structuredContent).toMatchObject({ answer: 'No' });
    await until(
      () => api.unconfirmed === 0,
      () => 'the confirmation of all updates',
    );
    expect(api.calls('getUpdates')).toEqual([]);
  });
});

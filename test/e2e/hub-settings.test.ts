import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { untilOneHub } from '../support/hub-pid.ts';
import { OWNER_ID, startLine } from '../support/line.ts';
import { startMcp } from '../support/mcp-client.ts';
import { openCard } from '../support/phone.ts';
import { hubLogged, runningIn, until } from '../support/switchboard.ts';

const QUICK = { slowLook: 50 };

describe('settings that change while a session waits', () => {
  it('reach the phone: a question asked before there was a token is shown as soon as config.json has one', async () => {
    const { api, owner, place } = await startLine();
    const session = await startMcp(place, { timings: QUICK });
    const asked = session.call('ask_blocking_question', { question: 'Early?', options: ['Yes', 'No'] });
    const { pid } = await hubLogged(place.home, /hub started/);
    const settings = {
      TELEGRAM_BOT_TOKEN: api.token,
      TELEGRAM_OWNER_ID: OWNER_ID,
      TELEGRAM_API_ROOT: api.root,
    };
    writeFileSync(join(place.home, 'config.json'), JSON.stringify(settings), { mode: 0o600 });
    owner.presses(await openCard(api, owner, 'Early?'), 'Yes');
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await until(
      () => !runningIn(place.home, / hub /).includes(pid),
      () => 'the end of the hub with the old settings',
    );
  });

  it('that are not possible leave the hub as it is, and say so', async () => {
    const { place } = await startLine();
    await startMcp(place, { timings: QUICK });
    const { pid } = await hubLogged(place.home, /hub started/);
    writeFileSync(join(place.home, 'config.json'), '{"TELEGRAM_OWNER_ID": "Ada"}', { mode: 0o600 });
    await hubLogged(place.home, /not possible; the hub goes on/);
    await untilOneHub(place.home);
    expect(runningIn(place.home, / hub /)).toEqual([pid]);
  });
});

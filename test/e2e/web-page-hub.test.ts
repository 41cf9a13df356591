import { EventEmitter, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { keepWebPlace } from '../../src/runtime/web-place.ts';
import {
  cardOf,
  describeInBrowser,
  isLive,
  linkOf,
  openPage,
  openTab,
  startWebHub,
  WARM_HAND,
} from '../support/browser.ts';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { builtVersion, programOfVersion } from '../support/other-version.ts';
import { kill, runSwitchboard } from '../support/switchboard.ts';

/** A page that was loaded anew has lost this. */
const mark = (page: Page): Promise<void> => page.evaluate(() => void Object.assign(globalThis, { marked: true }));
const isMarked = (page: Page): Promise<boolean> => page.evaluate(() => 'marked' in globalThis);

describeInBrowser('the web page and its hub', () => {
  it('settles the card in a second tab, and tells who comes second in a plain sentence', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const first = await openPage(link, {}, WARM_HAND);
    const second = await openTab(first);
    const asked = session.call('ask_blocking_question', { question: 'Once?', options: ['Yes', 'No'] });
    await cardOf(second, 'Once?').getByRole('button', { name: 'No' }).waitFor();
    // The second tab answers before it hears of the first: what it sends is held back on its way.
    const held = new EventEmitter();
    const released = once(held, 'release');
    await second.route('**/api/answer', async (route) => {
      await released;
      await route.continue();
    });
    await cardOf(second, 'Once?').getByRole('button', { name: 'No' }).click();
    await cardOf(second, 'Once?').getByText('Sending').waitFor();
    await cardOf(first, 'Once?').getByRole('button', { name: 'Yes' }).click();
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await cardOf(second, 'Once?').getByText('Claude has it').waitFor();
    held.emit('release');
    await cardOf(second, 'Once?')
      .getByText(/already/i)
      .waitFor();
    expect(recordsOf(place, await session.session()).filter(({ type }) => type === 'answer')).toHaveLength(1);
  });

  it('goes on with a new hub after kill -9: what was typed is there, what was sent in between arrives', async () => {
    const place = mcpPlace();
    const timings = { retryMin: 20 };
    const { hub, link } = await startWebHub({ ...place, timings });
    const session = await startMcp(place, { timings });
    const page = await openPage(link);
    const typed = session.call('ask_blocking_question', { question: 'Typed?' });
    const sent = session.call('ask_blocking_question', { question: 'Sent?', options: ['Yes', 'No'] });
    await cardOf(page, 'Sent?').waitFor();
    await cardOf(page, 'Typed?').getByRole('textbox').fill('half a sentence');
    await page.context().route('**/api/**', (route) => route.abort());
    kill(hub.pid, 'SIGKILL');
    await page.getByText('Connection to the hub lost').waitFor();
    await cardOf(page, 'Sent?').getByRole('button', { name: 'Yes' }).click();
    await cardOf(page, 'Sent?').getByText('Not sent yet').waitFor();
    await page.context().unroute('**/api/**');

    expect((await sent).structuredContent).toMatchObject({ answer: 'Yes' });
    await page.locator('.link-state[data-state="live"]').waitFor();
    expect(new URL(linkOf(place.home)).port).toBe(new URL(link).port);
    expect(await cardOf(page, 'Typed?').getByRole('textbox').inputValue()).toBe('half a sentence');
    await cardOf(page, 'Typed?').getByRole('textbox').press('Enter');
    expect((await typed).structuredContent).toMatchObject({ answer: 'half a sentence' });
  });

  it('has what was typed after it was loaded again, as long as the question is open', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link);
    const kept = () => page.evaluate<string>("sessionStorage.getItem('switchboard.drafts')");
    const asked = session.call('ask_blocking_question', { question: 'Typed?', options: ['Yes', 'No'] });
    await cardOf(page, 'Typed?').getByRole('textbox').fill('half a sentence');
    await page.reload();
    expect(await cardOf(page, 'Typed?').getByRole('textbox').inputValue()).toBe('half a sentence');
    const { record } = await place.hub.question(await session.session(), 'Typed?');
    await runSwitchboard(['answer', record.id, 'Yes'], place);
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await cardOf(page, 'Typed?').getByText('half a sentence').waitFor();
    expect(await kept()).toContain('half a sentence');
    await page.reload();
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    expect(await kept()).toBe('[]');
  });

  it('says how to come back in when a new link was made, and does when it is opened', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const page = await openPage(link);
    await isLive(page);
    const { stdout } = await runSwitchboard(['web', '--new-token'], place);
    await page.getByText('Run “switchboard web” and open its link again').waitFor();
    await page.goto(stdout.split('\n')[0] ?? '');
    await isLive(page);
  });

  it('says how to come back in when the link it was opened with is not good any more', async () => {
    const place = mcpPlace();
    const { hub, link } = await startWebHub(place);
    const page = await openPage(link);
    await page.getByText('Live', { exact: true }).waitFor();
    kill(hub.pid, 'SIGKILL');
    await hub.ended();
    keepWebPlace(place.home, { token: 'another-token-than-before', port: Number(new URL(link).port) });
    await startWebHub(place);
    await page.getByText('Run “switchboard web” and open its link again').waitFor();
  });

  it('loads itself again when a hub has another build of it, but not while something is begun', async () => {
    const place = mcpPlace();
    const { hub, link } = await startWebHub(place);
    const program = programOfVersion(builtVersion());
    const index = join(dirname(program), 'web/index.html');
    writeFileSync(index, readFileSync(index, 'utf8').replace('<body>', '<body data-build="next">'));
    // It starts the next hub.
    const session = await startMcp(place, { program });
    const page = await openPage(link);
    const asked = session.call('ask_blocking_question', { question: 'Begun?' });
    await cardOf(page, 'Begun?').getByRole('textbox').fill('half');
    await mark(page);
    const nextStream = page.waitForResponse(/\/api\/events$/);
    kill(hub.pid, 'SIGKILL');
    await nextStream;
    await isLive(page);
    // It looks twice a second whether it may.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_200)));
    expect(await isMarked(page)).toBe(true);
    await cardOf(page, 'Begun?').getByRole('textbox').press('Enter');
    expect((await asked).structuredContent).toMatchObject({ answer: 'half' });
    await page.locator('body[data-build="next"]').waitFor();
    expect(await isMarked(page)).toBe(false);
  });
});

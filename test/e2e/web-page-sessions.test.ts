import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cardOf, describeInBrowser, findings, openPage, startWebHub } from '../support/browser.ts';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { until } from '../support/switchboard.ts';

describeInBrowser('the web pages about sessions', () => {
  it('lists live and archived sessions, finds them, and shows what happened in one', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const past = await startMcp(place);
    await past.call('ask_blocking_question', { question: 'Never answered?', label: 'The past', wait: false });
    const pastId = await past.session();
    await past.close();
    const live = await startMcp(place);
    const page = await openPage(link);
    const asked = live.call('ask_blocking_question', { question: 'Answered now?', label: 'The present' });
    const card = page.getByRole('article', { name: 'The present' });
    await card.getByRole('textbox').fill('Yes, <b>now</b>');
    await card.getByRole('button', { name: 'Send' }).click();
    await asked;

    await page.getByRole('link', { name: 'Sessions' }).click();
    const rows = page.getByRole('listitem');
    await rows.filter({ hasText: 'The past' }).getByText('archived').waitFor();
    await rows.filter({ hasText: 'The present' }).getByText('live').waitFor();
    await page.getByRole('heading', { name: 'Sessions' }).and(page.locator(':focus')).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('combobox', { name: 'State' }).selectOption('archived');
    await rows.filter({ hasText: 'The present' }).waitFor({ state: 'detached' });
    await page.reload();
    expect(await page.getByRole('combobox', { name: 'State' }).inputValue()).toBe('archived');
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('No session matches.').waitFor();
    await page.getByRole('searchbox').fill(pastId);
    await page.getByRole('link', { name: 'The past' }).click();

    await page.getByRole('heading', { name: 'The past' }).and(page.locator(':focus')).waitFor();
    await page.getByText('Never answered?').waitFor();
    await page.getByText('session ended').first().waitFor();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('link', { name: /Download/ }).click();
    const file = await downloaded;
    expect(file.suggestedFilename()).toBe(`${pastId}.jsonl`);
    const first = (await readFile(await file.path(), 'utf8')).split('\n')[0] ?? '';
    expect(JSON.parse(first)).toMatchObject({ type: 'session_metadata', session_id: pastId });

    await page.goBack();
    await page.goBack();
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    await page.locator('.past').getByRole('link', { name: 'The present' }).first().click();
    await page.getByText('Yes, <b>now</b>').waitFor();
    expect(await findings(page)).toEqual([]);
    const events = page.locator('.event');
    const [asking, answering] = [
      page.locator('.event[data-what="asked"]'),
      page.locator('.event[data-what="answered"]'),
    ];
    const shortId = await asking.locator('.event-of').innerText();
    expect(await answering.locator('.event-of').innerText()).toBe(shortId);
    expect(recordsOf(place, await live.session()).find(({ type }) => type === 'question')?.id).toMatch(shortId);
    const settled = events.filter({ hasText: 'in web page: ' });
    expect(await settled.count()).toBe(0);
    await page.getByRole('combobox', { name: 'What' }).selectOption('Everything');
    await settled.first().waitFor();
    await page.getByRole('combobox', { name: 'What' }).selectOption('Deliveries');
    await page.getByText('Yes, <b>now</b>').waitFor({ state: 'detached' });
    expect(await page.locator('.event-text').allInnerTexts()).toEqual(['Claude has the answer']);
    await page.getByRole('combobox', { name: 'What' }).selectOption('Everything');
    // A live session goes on under the eyes of who looks.
    await page.getByText('Yes, <b>now</b>').waitFor();
    await live.call('notify_user', { message: 'And something new' });
    await page.locator('.event-text').filter({ hasText: 'And something new' }).waitFor();
  });

  it('shows only what the filter leaves, also when what was asked before it was changed comes just then', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link, {}, LATE_LOOKS);
    const asked = session.call('ask_blocking_question', { question: 'Which way?', options: ['Left', 'Right'] });
    await cardOf(page, 'Which way?').getByRole('button', { name: 'Left' }).click();
    await asked;
    const id = await session.session();
    await until(
      () => recordsOf(place, id).some(({ type }) => type === 'question_settled'),
      () => 'the record of the settled card',
    );
    await page.goto(new URL(`/sessions/${id}`, page.url()).href);
    await page.getByText('Claude has the answer').waitFor();
    await page.evaluate(() => (globalThis as unknown as LateLooks).holdLooks());
    await session.call('notify_user', { message: 'Look' });
    await page.waitForFunction(() => (globalThis as unknown as LateLooks).held > 0);
    await page.getByRole('combobox', { name: 'What' }).selectOption('Deliveries');
    await page.waitForFunction(() => (globalThis as unknown as LateLooks).held === 0);
    let texts: string[] = [];
    await until(
      async () => {
        texts = await page.locator('.event-text').allInnerTexts();
        return texts.join() === 'Claude has the answer';
      },
      () => `the delivery alone, not ${texts}`,
    );
  });
});

interface LateLooks {
  holdLooks(): void;
  held: number;
}

/**
 * Holds up what comes of looks at the whole timeline until the page has taken up another filter, which is seen by what
 * only the first one hides: a look that comes in that very moment, as it may on its own.
 */
const LATE_LOOKS = `
  let holding = false;
  window.held = 0;
  window.holdLooks = () => { holding = true; };
  const changed = new Promise((resolve) => {
    new MutationObserver(() => document.querySelector('.event[data-type="question_settled"]') && resolve())
      .observe(document, { childList: true, subtree: true });
  });
  const ask = window.fetch.bind(window);
  window.fetch = async (path, init) => {
    const response = await ask(path, init);
    if (!holding || !/timeline\\?q=&type=$/.test(path)) return response;
    const timeline = await response.json();
    window.held += 1;
    await changed;
    window.held = 0;
    init.signal.throwIfAborted();
    return { ok: true, json: async () => timeline };
  };
`;

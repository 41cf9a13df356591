import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import {
  cardOf,
  describeInBrowser,
  focused,
  linkOfBackgroundHub,
  openPage,
  startWebHub,
  titled,
  WARM_HAND,
} from '../support/browser.ts';
import { startLine } from '../support/line.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { runSwitchboard } from '../support/switchboard.ts';

/** Presses keys in the very moment in which the next card gets the focus: no hand is as quick, whatever the machine does. */
const KEYS_IN_A_ROW = `
  let keys = [];
  window.goOn = (given) => { keys = given; };
  window.goneOn = () => keys.length === 0;
  document.addEventListener('focusin', () => queueMicrotask(() => {
    if (!document.activeElement.matches('.card')) return;
    while (keys.length > 0) {
      const key = keys.shift();
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
  }));
`;

interface KeysInARow {
  goOn(keys: readonly string[]): void;
  goneOn(): boolean;
}

/** What is pressed as soon as the next card has the focus. */
function goesOn(page: Page, keys: readonly string[]): Promise<void> {
  return page.evaluate((given) => (globalThis as unknown as KeysInARow).goOn(given), keys);
}

async function haveGoneOn(page: Page): Promise<void> {
  await page.waitForFunction(() => (globalThis as unknown as KeysInARow).goneOn());
}

describeInBrowser('answering in the web page', () => {
  it('brings a press of the mouse to the session that asked, and says that Claude has it', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const other = await startMcp(place);
    await session.call('set_session_label', { label: 'Checkout' });
    const page = await openPage(link, {}, WARM_HAND);
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    const asked = session.call('ask_blocking_question', { question: 'Which way?', options: ['Left', 'Right'] });
    const elsewhere = other.call('ask_blocking_question', { question: 'Which colour?', options: ['Red', 'Blue'] });

    const card = page.getByRole('article', { name: 'Checkout' });
    // Either may come first.
    await card.waitFor();
    await cardOf(page, 'Which colour?').waitFor();
    await titled(page, '(2) Inbox · Switchboard');
    await card.getByRole('button', { name: 'Right' }).click();

    expect((await asked).structuredContent).toMatchObject({ status: 'answered', answer: 'Right' });
    await card.getByText('Claude has it').waitFor();
    expect(await card.getByRole('button').count()).toBe(0);
    await cardOf(page, 'Which colour?').getByRole('button', { name: 'Blue' }).click();
    expect((await elsewhere).structuredContent).toMatchObject({ answer: 'Blue' });
    await titled(page, 'Inbox · Switchboard');
  });

  it('takes a choice, several choices and a text by keyboard only', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link);
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    const ask = async (input: { question: string; [more: string]: unknown }) => {
      const asked = session.call('ask_blocking_question', input);
      await cardOf(page, input.question).waitFor();
      return { asked };
    };
    const choice = await ask({ question: 'Tabs or spaces?', options: ['Tabs', 'Spaces'] });
    const several = await ask({ question: 'Which ones?', options: ['A', 'B', 'C'], multi_select: true });
    const text = await ask({ question: 'What name?' });

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('2');
    expect((await choice.asked).structuredContent).toMatchObject({ answer: 'Spaces' });

    // The next card has the focus by itself.
    const next = cardOf(page, 'Which ones?');
    await focused(page, `#${await next.getAttribute('id')}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await page.keyboard.press('2');
    await page.keyboard.press('3');
    await page.keyboard.press('2');
    await next.getByRole('button', { name: 'Send 2 marked' }).waitFor();
    await page.keyboard.press('Enter');
    expect((await several.asked).structuredContent).toMatchObject({ selected: ['A', 'C'] });

    await focused(page, `#${await cardOf(page, 'What name?').getAttribute('id')}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await focused(page, 'textarea');
    // Keys that mean something elsewhere are letters here.
    await page.keyboard.type('jk 12?');
    await page.keyboard.press('Escape');
    await focused(page, '.card');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two lines');
    await page.keyboard.press('Enter');
    expect((await text.asked).structuredContent).toMatchObject({ answer: 'jk 12?\ntwo lines' });
    await focused(page, 'h1');
  });

  it('takes keys for no card that got the focus by itself, until there was a rest or the person has chosen', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link, {}, KEYS_IN_A_ROW);
    const name = session.call('ask_blocking_question', { question: 'What name?' });
    await cardOf(page, 'What name?').waitFor();
    const first = session.call('ask_blocking_question', { question: 'First?', options: ['Yes', 'No'] });
    await cardOf(page, 'First?').waitFor();
    const second = session.call('ask_blocking_question', { question: 'Second?', options: ['Yes', 'No'] });
    await cardOf(page, 'Second?').waitFor();

    // A text with more than one line that somebody types, or pastes by a tool that types.
    await cardOf(page, 'What name?').getByRole('textbox').fill('one');
    await goesOn(page, ['j', '1', 'Enter', '1']);
    await cardOf(page, 'What name?').getByRole('textbox').press('Enter');
    expect((await name).structuredContent).toMatchObject({ answer: 'one' });
    await haveGoneOn(page);
    await focused(page, `#${await cardOf(page, 'First?').getAttribute('id')}`);

    // Enter writes, and never presses an option.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await focused(page, `#${await cardOf(page, 'First?').getAttribute('id')} textarea`);
    await page.keyboard.press('Escape');
    await focused(page, `#${await cardOf(page, 'First?').getAttribute('id')}`);

    // A key that was pressed twice.
    await goesOn(page, ['1', '1']);
    await page.keyboard.press('2');
    expect((await first).structuredContent).toMatchObject({ answer: 'No' });
    await haveGoneOn(page);
    await focused(page, `#${await cardOf(page, 'Second?').getAttribute('id')}`);
    await page.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 900;
    });
    await page.keyboard.press('2');
    expect((await second).structuredContent).toMatchObject({ answer: 'No' });
  });

  it('settles by itself what is answered in Telegram, and the other way round', async () => {
    const { api, owner, place, start } = await startLine();
    const session = await start({ label: 'Both' });
    const page = await openPage(await linkOfBackgroundHub(place.home));
    const byPhone = session.call('ask_blocking_question', { question: 'By phone?', options: ['Yes', 'No'] });
    const card = cardOf(page, 'By phone?');
    await card.getByRole('textbox').fill('begun here');
    const onPhone = await openCard(api, owner, 'By phone?');
    // What is said is gone again after some seconds.
    const said = page.getByRole('status').getByText('Both was answered: Yes (Ada (telegram)).').waitFor();
    owner.presses(onPhone, 'Yes');
    await Promise.all([card.getByText('Ada (telegram)').waitFor(), said]);
    await card.getByText('begun here').waitFor();
    expect(await card.getByRole('button', { name: 'Yes' }).count()).toBe(0);
    expect((await byPhone).structuredContent).toMatchObject({ answer: 'Yes' });

    const byPage = session.call('ask_blocking_question', { question: 'By page?', options: ['Yes', 'No'] });
    await cardOf(page, 'By page?').getByRole('button', { name: 'No' }).click();
    expect((await byPage).structuredContent).toMatchObject({ answer: 'No' });
    await settledCard(api, owner, 'By page?', 'No');
  });

  it('takes a press in the first moment of the page', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const asked = session.call('ask_blocking_question', { question: 'Quick?', options: ['Yes', 'No'] });
    await place.hub.question(await session.session(), 'Quick?');
    await openPage(link, {}, QUICK_HAND);
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
  });

  it('moves nothing under the hand: what ends stays in its place until the hand has gone', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link, {}, WARM_HAND);
    const above = session.call('ask_blocking_question', { question: 'Above?', options: ['Yes', 'No'] });
    await cardOf(page, 'Above?').waitFor();
    const below = session.call('ask_blocking_question', { question: 'Below?', options: ['Yes', 'No'] });
    const option = cardOf(page, 'Below?').getByRole('button', { name: 'Yes' });
    await option.hover();
    const before = await option.boundingBox();
    const { record } = await place.hub.question(await session.session(), 'Above?');
    await runSwitchboard(['answer', record.id, 'No'], place);
    expect((await above).structuredContent).toMatchObject({ answer: 'No' });
    await cardOf(page, 'Above?').getByText('Claude has it').waitFor();
    const third = session.call('ask_blocking_question', { question: 'Third?', wait: false });
    await cardOf(page, 'Third?').waitFor();
    await third;
    expect(await option.boundingBox()).toEqual(before);

    await page.mouse.move(5, 5);
    await page.locator('.past').filter({ hasText: 'Above?' }).waitFor();
    expect(await cardOf(page, 'Above?').count()).toBe(0);
    await option.press('Enter');
    expect((await below).structuredContent).toMatchObject({ answer: 'Yes' });
  });
});

/** Presses the first option as soon as there is one, as a mouse does. */
const QUICK_HAND = `
  new MutationObserver((_, observer) => {
    const option = document.querySelector('.option');
    if (!option) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => option.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }))));
  }).observe(document, { childList: true, subtree: true });
`;

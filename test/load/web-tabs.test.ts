import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { cardOf, describeInBrowser, isLive, openPage, openTab, startWebHub } from '../support/browser.ts';
import { mcpPlace, startMcp } from '../support/mcp-client.ts';
import { until } from '../support/switchboard.ts';

// More than the six connections that a browser opens to a host.
const TABS = 8;

/** Every tab of a headless browser is in front: this stands in for those that are not. */
const VISIBILITY = `
  let state = 'visible';
  Object.defineProperty(document, 'visibilityState', { get: () => state });
  window.makeVisibility = (value) => {
    state = value;
    document.dispatchEvent(new Event('visibilitychange'));
  };
`;

function make(tab: Page, state: 'visible' | 'hidden'): Promise<void> {
  return tab.evaluate(
    (value) => (globalThis as unknown as { makeVisibility: (value: string) => void }).makeVisibility(value),
    state,
  );
}

describeInBrowser('the web page in many tabs', () => {
  it(`works in ${TABS} tabs: the one in front is always heard, and some of the others go on by themselves`, async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const tabs = [await openPage(link, {}, VISIBILITY)];
    while (tabs.length < TABS) {
      const before = tabs.at(-1) as Page;
      await isLive(before);
      await make(before, 'hidden');
      tabs.push(await openTab(before));
    }
    const [first, last] = [tabs[0] as Page, tabs.at(-1) as Page];
    const listens = (tab: Page) => tab.locator('.link-state[data-state="live"]').count();
    let listening: number[] = [];
    await until(
      async () => {
        listening = await Promise.all(tabs.map(listens));
        return listening.join('') === '11100001';
      },
      () => `the tab in front and three others that listen: ${listening}`,
    );
    const asked = session.call('ask_blocking_question', { question: 'Heard?', options: ['Yes', 'No'] });
    await cardOf(last, 'Heard?').getByRole('button', { name: 'Yes' }).click();
    expect((await asked).structuredContent).toMatchObject({ answer: 'Yes' });
    await cardOf(first, 'Heard?').getByText('Claude has it').waitFor();
    const [asleep, other] = [tabs[3] as Page, tabs[4] as Page];
    await make(last, 'hidden');
    await make(asleep, 'visible');
    await asleep.locator('.past').filter({ hasText: 'Heard?' }).waitFor();
    // Another has gone: a hidden one takes its place by itself.
    expect(await other.locator('.past').count()).toBe(0);
    await first.close();
    await other.locator('.past').filter({ hasText: 'Heard?' }).waitFor();
  });
});

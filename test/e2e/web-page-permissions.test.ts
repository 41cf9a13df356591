import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { cardOf, describeInBrowser, findings, focused, openPage, startWebHub } from '../support/browser.ts';
import { mcpPlace } from '../support/mcp-client.ts';
import { openOwnSession } from '../support/own-session.ts';
import { runSwitchboard } from '../support/switchboard.ts';

const DANGER = 'Deletes files and directories, and everything in them.';

async function stage(env: Record<string, string> = {}, script?: string) {
  const place = mcpPlace();
  const session = await openOwnSession(place, 'Checkout');
  const { link } = await startWebHub({ home: place.home, env, timings: { slowLook: 50 } });
  const page = await openPage(link, {}, script);
  return { place, session, page };
}

/** Types the right PIN in the very moment in which the page says that the one before was wrong. */
const QUICK_FINGERS = `
  new MutationObserver((_, observer) => {
    if (!document.body?.textContent.includes('Wrong PIN')) return;
    observer.disconnect();
    const field = document.querySelector('.pin input');
    field.value = '4711';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }).observe(document, { childList: true, characterData: true, subtree: true });
`;

/** What stands before each entry of a list. */
function markOf(list: unknown): string {
  type Style = { listStyleType: string };
  return (globalThis as unknown as { getComputedStyle(of: unknown): Style }).getComputedStyle(list).listStyleType;
}

/** Where they are on the screen, in the order of the page. */
async function boxesOf(elements: Locator) {
  const boxes = await Promise.all((await elements.all()).map((each) => each.boundingBox()));
  return boxes.filter((box) => box !== null);
}

describeInBrowser('permissions in the web page', () => {
  it('are allowed and denied by buttons and words; what is decided in the terminal says so', async () => {
    const { session, page } = await stage();
    const allowed = await session.permission({ command: 'git push --tags', grant: 'Bash(git push *)' });
    const card = cardOf(page, 'git push --tags');
    await card.getByText('Bash(git push *)').waitFor();
    await card.getByRole('button', { name: 'Allow for this session' }).click();
    // A card that has ended is moved out of the way after some seconds: what it says is waited for from the beginning.
    const [given] = await Promise.all([session.answer(allowed), card.getByText('Allowed for this session').waitFor()]);
    expect(given).toMatchObject({ answer: 'Allow for this session', answered_by: { channel: 'web' } });
    const denied = await session.permission({ command: 'npm publish' });
    const other = cardOf(page, 'npm publish');
    await other.getByRole('textbox', { name: 'Deny, and say why to Checkout' }).fill('not on Fridays');
    await other.getByRole('textbox').press('Enter');
    const [refused] = await Promise.all([session.answer(denied), other.getByText('Denied: not on Fridays').waitFor()]);
    expect(refused).toMatchObject({ answer: 'not on Fridays' });
    const local = await session.permission({ command: 'ls /tmp' });
    await cardOf(page, 'ls /tmp').waitFor();
    await Promise.all([
      cardOf(page, 'ls /tmp').getByText('Answered in the terminal').waitFor(),
      session.answeredInTerminal(local),
    ]);
  });

  it('that are dangerous take a second step, by keyboard, too, and no key falls on Yes by itself', async () => {
    const { session, page } = await stage();
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const card = cardOf(page, 'rm -rf build');
    await card.waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('1');
    const confirm = card.getByRole('group', { name: 'Allow once? This is dangerous.' });
    await confirm.getByText(DANGER).waitFor();
    const whole = confirm.getByRole('region', { name: 'All of it' });
    await whole.locator('pre').getByText('rm -rf build', { exact: true }).waitFor();
    expect(await whole.textContent()).not.toContain('```');
    expect(await confirm.locator('.dangers').evaluate(markOf)).toBe('disc');
    await focused(page, '.confirm');
    expect(await findings(page)).toEqual([]);
    // Neither the same key again nor Enter says yes; Escape takes it back.
    for (const key of ['1', 'Enter', '1']) await page.keyboard.press(key);
    await page.keyboard.press('Escape');
    await focused(page, '.card');
    await card.getByRole('button', { name: 'Allow once' }).waitFor();
    expect(await session.until((state) => [state.questions.get(question)?.status])).toEqual(['pending']);

    await page.keyboard.press('1');
    await focused(page, '.confirm');
    await confirm.getByRole('button', { name: 'Yes, allow once' }).press('Enter');
    const [answer] = await Promise.all([session.answer(question), card.getByText('Allowed once').waitFor()]);
    expect(answer).toMatchObject({ answer: 'Allow once', confirmed: 'twice' });
  });

  it('that are dangerous say in the second step, too, what is granted for the session', async () => {
    const { session, page } = await stage();
    await session.permission({ command: 'rm -rf build', dangers: [DANGER], grant: 'Bash(rm *)' });
    const card = cardOf(page, 'rm -rf build');
    await card.getByRole('button', { name: 'Allow for this session' }).click();
    const confirm = card.getByRole('group', { name: 'Allow for this session? This is dangerous.' });
    await confirm.getByText('Bash(rm *)').waitFor();
  });

  it('show a short change whole, and say how much of a long one is folded', async () => {
    const { session, page } = await stage();
    const change = '@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n+four';
    const context = `File: a.txt\n\`\`\`diff\n${change}\n\`\`\`\n\nDirectory: /home/ada/shop`;
    await session.permission({ command: '', context });
    const card = cardOf(page, '+three');
    await card.getByText('Directory: /home/ada/shop').waitFor();
    expect(await card.locator('.folded, .more').count()).toBe(0);
    await session.permission({ command: `rm a${'\nrm b'.repeat(39)}` });
    await cardOf(page, 'rm a').getByRole('button', { name: 'The whole context (42 lines)' }).waitFor();
  });

  it('fit on a phone: title and time in one line, and buttons of the header that a thumb hits', async () => {
    const { session, page } = await stage();
    await session.permission({ command: 'rm -rf build', dangers: [DANGER], grant: 'Bash(rm *)' });
    const card = cardOf(page, 'rm -rf build');
    await card.waitFor();
    const heights = await card.locator('.option').evaluateAll((all) => all.map((each) => each.clientHeight));
    expect(new Set(heights).size).toBe(1);
    for (const width of [380, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const buttons = page.locator('.top button');
      for (const { x, width: wide, height } of await boxesOf(buttons)) {
        expect(Math.min(wide, height)).toBeGreaterThanOrEqual(40);
        expect(x + wide).toBeLessThanOrEqual(width - 8);
      }
      const [title, time, ...tags] = [
        ...(await boxesOf(card.locator('.card-head h2, .card-head time'))),
        ...(await boxesOf(card.locator('.card-head .tag'))),
      ];
      if (!title || !time) throw new Error('The card has no title, or no time.');
      expect(time.y).toBeLessThan(title.y + title.height);
      for (const tag of tags) expect(tag.y).toBeGreaterThanOrEqual(title.y + title.height);
      expect(await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth)).toBe(width);
    }
  });

  it('ask for the PIN where one is set, again after a wrong one', async () => {
    const { session, page } = await stage({ PERMISSION_PIN: '4711' });
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const card = cardOf(page, 'rm -rf build');
    await card.getByRole('button', { name: 'Allow once' }).click();
    const pin = card.getByLabel('PIN');
    await focused(page, '.pin input');
    expect(await findings(page)).toEqual([]);
    await pin.fill('0815');
    await pin.press('Enter');
    await card.getByText('Wrong PIN; nothing was recorded. 4 attempts are left.').waitFor();
    expect(await pin.inputValue()).toBe('');
    await pin.fill('4711');
    await card.getByRole('button', { name: 'Yes, allow once' }).click();
    expect(await session.answer(question)).toMatchObject({ confirmed: 'pin' });
  });

  it('lose nothing of a PIN that is typed as soon as the one before was wrong', async () => {
    const { session, page } = await stage({ PERMISSION_PIN: '4711' }, QUICK_FINGERS);
    const question = await session.permission({ command: 'rm -rf build', dangers: [DANGER] });
    const card = cardOf(page, 'rm -rf build');
    await card.getByRole('button', { name: 'Allow once' }).click();
    await card.getByLabel('PIN').fill('0815');
    await card.getByLabel('PIN').press('Enter');
    await card.getByText('Wrong PIN').waitFor();
    await card.getByRole('button', { name: 'Yes, allow once' }).click();
    expect(await session.answer(question)).toMatchObject({ confirmed: 'pin' });
  });
});

describeInBrowser('the person speaks first in the web page', () => {
  it('to a session, which says whether Claude has it', async () => {
    const { session, page } = await stage();
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByRole('link', { name: 'Checkout' }).first().click();
    const field = page.getByRole('textbox', { name: 'Tell Checkout something' });
    await field.fill('use the cache');
    await field.press('Enter');
    await session.word('use the cache');
    await page.locator('.tell').getByText('For Checkout: Claude has it.').waitFor();
    expect(await field.inputValue()).toBe('');
    await page.getByText('use the cache').first().waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('by going away, which every page and terminal sees', async () => {
    const { page, place } = await stage();
    const away = page.getByRole('button', { name: 'Away' });
    await away.click();
    await page.locator('.away-button[aria-pressed="true"]').waitFor();
    expect((await runSwitchboard(['status'], place)).stdout).toContain('You are away from the desk');
    await runSwitchboard(['away', 'off'], place);
    await page.locator('.away-button[aria-pressed="false"]').waitFor();
    expect(await findings(page)).toEqual([]);
  });
});

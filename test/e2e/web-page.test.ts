import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { axeFindings, cardOf, describeInBrowser, findings, openPage, startWebHub, titled } from '../support/browser.ts';
import { PROGRAM } from '../support/build.ts';
import { type McpProcess, mcpPlace, startMcp } from '../support/mcp-client.ts';
import { kill, until } from '../support/switchboard.ts';

const SCRIPT_BYTES_MAX = 50_000;

/** Asks without waiting; the id of the question. */
async function ask(session: McpProcess, question: object): Promise<string> {
  const { structuredContent } = await session.call('ask_blocking_question', { ...question, wait: false });
  return (structuredContent as { question_id: string }).question_id;
}

describeInBrowser('the web page', () => {
  it('is accessible, light and dark, wide and narrow: empty, with open questions, with answered ones', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const page = await openPage(link);
    await page.getByText('switchboard demo').waitFor();
    expect(await findings(page)).toEqual([]);

    const session = await startMcp(place);
    const long = 'A_word_without_any_space_'.repeat(20);
    await session.call('notify_user', { message: `Something is odd: ${long}`, level: 'warning' });
    await session.call('notify_user', { message: 'It broke', level: 'error' });
    const first = { label: 'One', description: `${long}` };
    await ask(session, {
      question: `Which? ${long}`,
      options: [first, 'Two'],
      default_answer: 'Two',
      context: 'Long.\n'.repeat(40),
    });
    await ask(session, { question: 'Several?', options: ['A', 'B', 'C'], multi_select: true, allow_text: false });
    await ask(session, { question: 'Free?', context: 'See `this`:\n```js\nlet a = 1;\n```\nand that.' });
    await cardOf(page, 'Several?').getByRole('checkbox', { name: 'B' }).click();
    await cardOf(page, 'Free?').getByRole('textbox').fill('begun');
    expect(await findings(page)).toEqual([]);

    await cardOf(page, 'Several?').getByRole('button', { name: 'Send 1 marked' }).click();
    await cardOf(page, 'Several?')
      .getByText(/Recorded/)
      .waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Keyboard help' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('shows what a session writes as text, whatever it looks like', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const evil = (where: string) =>
      `<img src=x onerror="document.title='${where}'"><script>document.title='${where}'</script><style>body{display:none}</style> ${where}`;
    await session.call('set_session_label', { label: '<b onclick=alert(1)>label</b>' });
    const page = await openPage(link);
    await ask(session, {
      question: evil('question'),
      context: `${evil('context')}\n\`\`\`html\n${evil('code')}\n\`\`\``,
      options: [{ label: '<i>label</i>', description: evil('description') }, 'javascript:alert(1)'],
      default_answer: evil('default').slice(0, 60),
    });
    const card = page.getByRole('article', { name: '<b onclick=alert(1)>label</b>' });
    for (const where of ['question', 'context', 'code', 'description']) await card.getByText(evil(where)).waitFor();
    await card.getByRole('button', { name: '<i>label</i>' }).click();
    await card.locator('.outcome').getByText('<i>label</i>').waitFor();
    expect(await card.locator('img, script, style, b, i').count()).toBe(0);
    await titled(page, 'Inbox · Switchboard');
  });

  it('shows the beginning of a long context, and all of it to who asks for that', async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const session = await startMcp(place);
    const page = await openPage(link);
    await ask(session, { question: 'Read it?', context: `${'long '.repeat(4_000)}and its end` });
    const card = cardOf(page, 'Read it?');
    const more = card.getByRole('button', { name: 'The whole context' });
    await more.waitFor();
    expect(await card.getByText('and its end').count()).toBe(0);
    await more.click();
    await card.getByText('and its end').waitFor();
    await card.getByRole('button', { name: 'Less of the context', expanded: true }).waitFor();
  });

  it(`sends less than ${SCRIPT_BYTES_MAX} bytes of script before its first paint`, async () => {
    const place = mcpPlace();
    const { link } = await startWebHub(place);
    const page = await openPage(link);
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .filter((name) => name.endsWith('.js')),
    );
    expect(scripts.length).toBeGreaterThan(0);
    const directory = join(dirname(PROGRAM), 'web');
    const contents = scripts.map((url) => readFileSync(join(directory, new URL(url).pathname)));
    const raw = contents.reduce((bytes, content) => bytes + content.length, 0);
    const zipped = contents.reduce((bytes, content) => bytes + gzipSync(content).length, 0);
    process.stdout.write(`script before the first paint: ${raw} bytes, ${zipped} gzipped\n`);
    expect(raw).toBeLessThan(SCRIPT_BYTES_MAX);
    const all = readdirSync(join(directory, 'assets')).filter((name) => name.endsWith('.js'));
    expect(all.length).toBeGreaterThan(scripts.length);
  });

  it('notifies of new questions while the page is in the background, once somebody has asked for that', async () => {
    const place = mcpPlace();
    const { hub, link } = await startWebHub(place);
    const session = await startMcp(place);
    await session.call('set_session_label', { label: 'Faraway' });
    const page = await openPage(link, { permissions: ['notifications'] }, NOTIFICATIONS);
    await page.getByRole('heading', { name: 'No open question' }).waitFor();
    const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.assign(globalThis, { hiddenPage: value });
      }, hidden);

    await hide(true);
    await ask(session, { question: 'Nobody asked for notifications?' });
    await cardOf(page, 'Nobody asked for notifications?').waitFor();
    await page.getByRole('button', { name: 'Desktop notifications' }).click();
    await page.getByRole('button', { name: 'Desktop notifications', pressed: true }).waitFor();

    await hide(false);
    await ask(session, { question: 'In front?' });
    await cardOf(page, 'In front?').waitFor();
    await hide(true);
    await ask(session, { question: 'In the background?' });
    await until(
      async () => (await told()).length > 0,
      () => 'a notification',
    );
    // It tells of all three at once, however long it takes to ask them.
    kill(hub.pid, 'SIGSTOP');
    for (const each of ['x', 'y', 'z']) await ask(session, { question: `Together ${each}?` });
    kill(hub.pid, 'SIGCONT');
    await until(
      async () => (await told()).length > 1,
      () => 'another notification',
    );
    expect(await told()).toEqual(['Faraway: In the background?', '3 new questions: Faraway']);
    await page.evaluate(() => (globalThis as unknown as { click: () => void }).click());
    await cardOf(page, 'Together x?').and(page.locator(':focus')).waitFor();
  });
});

/** A headless browser shows no notifications and is always in front: this stands in for both. */
const NOTIFICATIONS = `
  window.told = [];
  window.hiddenPage = false;
  window.Notification = class {
    static permission = 'default';
    static requestPermission() {
      this.permission = 'granted';
      return Promise.resolve('granted');
    }
    constructor(title, { body }) {
      window.told.push(title + ': ' + body);
      window.click = () => this.onclick();
    }
    close() {}
  };
  document.hasFocus = () => !window.hiddenPage;
`;

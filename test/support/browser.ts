import { existsSync } from 'node:fs';
import axe from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readWebPlace, webLink } from '../../src/runtime/web-place.ts';
import { WAIT_MS_MAX } from './patience.ts';
import { type RunningCommand, type StartOptions, startSwitchboard, until } from './switchboard.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // All tabs in one process: starting one is much of what a short test costs.
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
];

let browser: Browser | undefined;

/**
 * Tests in a real browser, one for all of a file. Without Chromium they are skipped, loudly; in CI that is a failure.
 */
export function describeInBrowser(name: string, tests: () => void): void {
  if (existsSync(CHROMIUM)) {
    describe(name, () => {
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
      });
      afterAll(() => browser?.close());
      tests();
    });
  } else if (process.env.CI) {
    it(`${name}: needs a browser`, () => {
      throw new Error(
        `There is no ${CHROMIUM}, and CI skips no test. Install Chromium, or say where it is by CHROMIUM.`,
      );
    });
  } else {
    process.stderr.write(
      `\n!!! NOT TESTED: ${name}. There is no ${CHROMIUM}.\n!!! Install Chromium, or say where it is by CHROMIUM=/path/to/chromium.\n\n`,
    );
    describe.skip(name, tests);
  }
}

/** Starts a hub in the foreground and returns it with the link to its web inbox. */
export async function startWebHub(options: StartOptions): Promise<{ hub: RunningCommand; link: string }> {
  const hub = startSwitchboard(['hub'], options);
  await hub.printed(/The inbox: /);
  return { hub, link: linkOf(options.home) };
}

/** The link to the web inbox of a hub that has said where it is. */
export function linkOf(home: string): string {
  const place = readWebPlace(home);
  if (!place) throw new Error(`No hub of ${home} has served a web inbox yet.`);
  return webLink(place);
}

/** The link to the web inbox of the hub that a session has started. */
export async function linkOfBackgroundHub(home: string): Promise<string> {
  await until(
    () => readWebPlace(home) !== null,
    () => `a web inbox of ${home}`,
  );
  return linkOf(home);
}

/** A browser profile of its own, until the test has finished. */
export async function openProfile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  if (!browser) throw new Error('A profile can be opened inside describeInBrowser() only.');
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(WAIT_MS_MAX);
  onTestFinished(() => context.close());
  return context;
}

/**
 * Opens an address in a browser profile of its own. When the test has finished, nothing may have gone wrong in the page:
 * no script error, no violation of the content security policy, no request to another host.
 */
export async function openPage(link: string, options: BrowserContextOptions = {}, script?: string): Promise<Page> {
  const context = await openProfile(options);
  const wrong: string[] = [];
  context.on('request', (request) => {
    const [url, own] = [new URL(request.url()), new URL(link)];
    // A file that leads to the inbox does not say by which port.
    const isOwn = own.protocol === 'file:' ? url.hostname === '127.0.0.1' : url.origin === own.origin;
    if (!isOwn && !['data:', 'file:'].includes(url.protocol)) wrong.push(`request to ${url}`);
  });
  context.on('weberror', (error) => wrong.push(String(error.error())));
  context.on('console', (message) => {
    // A hub that is gone, or does not know the cookie, is what some tests are about.
    const isNetwork = /Failed to load resource|ERR_/.test(message.text());
    if (message.type() === 'error' && !isNetwork) wrong.push(message.text());
  });
  onTestFinished(() => expect(wrong).toEqual([]));
  if (script !== undefined) await context.addInitScript({ content: script });
  const page = await context.newPage();
  await page.goto(link);
  return page;
}

/**
 * What has ended is moved out of the way after some seconds, unless a hand is over the cards, and one that lies still for
 * long counts as gone: this hand never does, however slow the rest of the machine is.
 */
export const WARM_HAND = `
  let at = null;
  document.addEventListener('pointermove', (event) => {
    if (event.isTrusted) at = event;
  });
  setInterval(() => {
    const under = at && document.elementFromPoint(at.clientX, at.clientY);
    under?.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
  }, 200);
`;

/** Opens the same page in a second tab of the same profile. */
export async function openTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(new URL('/', page.url()).href);
  return tab;
}

/** Waits until a page says that it hears of everything as it happens. */
export function isLive(page: Page): Promise<void> {
  return page.locator('.link-state[data-state="live"]').waitFor();
}

/** The card of a question among the open ones. */
export function cardOf(page: Page, question: string): Locator {
  return page.locator('.card').filter({ hasText: question });
}

/** Waits until the element with the focus matches a selector. */
export async function focused(page: Page, selector: string): Promise<void> {
  await page.locator(selector).and(page.locator(':focus')).waitFor();
}

/** Waits until the page has this title: it follows what is shown, a moment later. */
export async function titled(page: Page, title: string): Promise<void> {
  await until(
    async () => (await page.title()) === title,
    () => `the title ${title}`,
  );
}

const debuggers = new WeakMap<Page, CDPSession>();

/** What axe-core finds wrong with the page as it is now: rule and elements. */
export async function axeFindings(page: Page): Promise<string[]> {
  // By the debugger, since the page's policy lets no foreign script in.
  const session = debuggers.get(page) ?? (await page.context().newCDPSession(page));
  debuggers.set(page, session);
  await session.send('Runtime.evaluate', {
    expression: `window.axe ?? (() => { ${axe.source} })()`,
    returnByValue: false,
  });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value as string[];
}

/** What is wrong with how the page looks: as narrow as a phone and wide, light and dark. */
export async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of [380, 1400]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if ((await overflow(page)) > 0) found.push(`${width} px: the page is wider than its window`);
      found.push(...(await axeFindings(page)).map((each) => `${width} px, ${colorScheme}: ${each}`));
    }
  }
  return found;
}

/** By how many pixels the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.locator('html').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
}

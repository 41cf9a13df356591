import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import type { Card } from '../../src/relay/channel.ts';
import type { History, SessionEntry } from '../../src/relay/history.ts';
import { webLink } from '../../src/runtime/web-place.ts';
import { describeInBrowser, openPage, openProfile } from '../support/browser.ts';
import { PROGRAM } from '../support/build.ts';
import { session } from '../support/memory-desk.ts';
import { type WebLine, webLine } from '../support/web-line.ts';

const PAGE = join(dirname(PROGRAM), 'web');
const AT = '2026-11-20T10:00:00.000Z';
const evil = "globalThis.pwned=document.title='pwned'";

const CODE = [
  `<img src=x onerror="${evil}"><svg onload="${evil}"><script>${evil}</script><iframe srcdoc="<script>parent.${evil}</script>"></iframe>`,
  `"'></textarea></title></script></style></button></a></pre>--><script>${evil}</script>`,
  '<style>*{display:none}</style><base href=http://evil.example><link rel=stylesheet href=http://evil.example/a>',
  '<meta http-equiv=refresh content=0;url=http://evil.example><form action=http://evil.example><button>',
  `javascript:${evil} [a](javascript:${evil}) ![b](http://evil.example/b.png) <javascript:${evil}>`,
  `data:text/html,<script>${evil}</script> {{constructor.constructor("${evil}")()}} \${${evil}} <%= ${evil} %>`,
  '__proto__ constructor toString hasOwnProperty card inbox main app',
];

// What a session may say of itself, what it asks, and what people are called.
const TEXTS: Readonly<Record<string, string>> = {
  'code on one line': CODE.join(' '),
  'code and Markdown': `# A\n\n[x]: http://evil.example\n![x]\n\`\`\`html\n${CODE.join('\n')}\n\`\`\`\n${'>'.repeat(200)} ${'*'.repeat(200)} ${'`'.repeat(301)}\n${'line\n'.repeat(400)}`,
  'an address with a script alone': `javascript:${evil}`,
  'marks that turn the text': '\u202eABC\u202e\u2067\u2066\u200f\u061c evas ot yrt \u202d\u202e',
  'one word without an end': 'W'.repeat(6_000),
  'marks upon marks': `Z${'\u0336\u0489\u20dd\u0300'.repeat(12)}`,
  'what is wide, joined, half or a sign of control': `${'\ufdfd'.repeat(60)}${'👩‍👩‍👧‍👦'.repeat(60)}${'\u200d'.repeat(300)}${'\u00a0'.repeat(900)}\ud800 \0 \udfff \ufffe\x1b]0;pwned\x07\x1b[2J\x9b31m\b\r`,
};

/** Cards whose every field says it: open ones of each kind, one that was answered, one of each other ending. */
function addCards({ desk, channel }: WebLine, text: string): void {
  const name = { ...session(text), project: text, project_dir: text, branch: text };
  const options = [
    { label: text, description: text },
    { label: `${text}2`, description: text },
  ];
  const by = { channel: 'telegram', id: text, name: text };
  const all: Partial<Card> = { session: name, context: text, options, default_answer: text };
  desk.add(text, all);
  desk.add(text, { ...all, multi_select: true });
  desk.add(text, {
    ...all,
    kind: 'permission',
    permission: { tool: text, dangers: [text, text] } as Card['permission'],
  });
  const answered = { status: 'answered', answer: text, answered_by: by, answered_at: AT, delivered: true } as const;
  desk.add(text, { ...all, state: { ...answered, selected: [text] } });
  const lateAnswer = { answer: text, answered_by: by };
  desk.add(text, {
    ...all,
    state: { status: 'closed', reason: 'expired', at: AT, answer: text, where: text, lateAnswer },
  });
  desk.add(text, { ...all, kind: 'notice', level: 'error' });
  channel.tellChannels([{ name: text, ok: false, detail: text, since: AT } as never]);
}

/** A history whose every session and record says it. */
function historyOf(text: string): History {
  const entry: SessionEntry = {
    session_id: session('').id,
    state: 'archived',
    archived_on: '2026-11-20',
    title: text,
    project: text,
    project_dir: text,
    branch: text,
    started_at: AT,
    ended_at: AT,
    bytes: 5,
  };
  const items = ['asked', 'answered', text].map((what, n) => ({
    key: `${n}`,
    at: AT,
    type: text,
    what,
    text,
    question_id: text,
  }));
  return {
    list: async () => ({ sessions: [entry], projects: [text, `${text}2`] }),
    timeline: async () => ({ session: entry, items, unreadable: 1 }),
    raw: async () => null,
  };
}

/** What is in the page that no code of ours has made, or that does not stay in its place. */
function harmIn(page: Page): Promise<string[]> {
  return inPage(page, 'harm');
}

describeInBrowser('what a session says, in the page', () => {
  it.each(Object.entries(TEXTS))('stays text, and stays in its place: %s', async (_what, text) => {
    const line = await webLine({ pageDirectory: PAGE, history: historyOf(text) });
    await line.enter();
    addCards(line, text);
    const link = webLink({ port: (await line.enter()).port, token: line.token });
    const page = await openPage(link);
    await page.locator('.card').nth(2).waitFor();
    await page.locator('.past').nth(1).waitFor();
    for (const width of [380, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await harmIn(page)).toEqual([]);
    }
    const origin = new URL(page.url()).origin;
    await page.goto(`${origin}/sessions`);
    await page.locator('.session').waitFor();
    expect(await harmIn(page)).toEqual([]);
    await page.goto(`${origin}/sessions/${session('').id}`);
    await page.locator('.event').first().waitFor();
    expect(await harmIn(page)).toEqual([]);
  });
});

/** Runs one of the functions of `test/support/in-page` in a page, as text: the policy of the page does not hold for it. */
function inPage<T>(page: Page, name: string, ...args: unknown[]): Promise<T> {
  const path = join(import.meta.dirname, `../support/in-page/${name}.mjs`);
  const source = readFileSync(path, 'utf8').replace('export default ', '');
  return page.evaluate(
    `(${source.slice(source.search(/^(async )?function/m))})(${args.map((each) => JSON.stringify(each)).join()})`,
  );
}

/** A page of somebody else, at a port of its own. */
async function foreignPage(html: string): Promise<number> {
  const server = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describeInBrowser('a page of somebody else', () => {
  // Another port has the same cookies; another name is another site. Browsers resolve every name below localhost to this machine.
  it.each(['127.0.0.1', 'evil.localhost'])('at %s can neither read nor press', async (host) => {
    const line = await webLine({ pageDirectory: PAGE });
    const web = await line.enter();
    const { question_id } = line.desk.add('zqx?', { options: [{ label: 'Yes' }] });
    const profile = await openProfile();
    const own = await profile.newPage();
    await own.goto(webLink({ port: web.port, token: line.token }));
    await own.locator('.card').waitFor();
    const port = await foreignPage('<!doctype html><title>evil</title><body>');
    const page = await profile.newPage();
    await page.goto(`http://${host}:${port}/`);

    const press = JSON.stringify({ question_id, press_id: question_id, options: [0] });
    const got = await inPage<Record<string, unknown>>(page, 'attempts', web.origin, press);
    const { 'read without leave': blind, ...rest } = got;
    expect(['', 'refused']).toContain(blind);
    for (const [name, result] of Object.entries(rest))
      expect([name, ['', 'refused'].includes(String(result))]).toEqual([name, true]);

    // A form that is sent, and a frame: what they end at is in no window that the other page can read.
    await inPage(page, 'form', web.origin, press);
    const frame = page.frames().at(-1);
    await expect.poll(() => frame?.url() ?? '').not.toBe('about:blank');
    await inPage(page, 'frame', web.origin);
    await expect.poll(() => page.frames().at(-1)?.url() ?? '').toContain('chrome-error');
    expect(line.desk.answers).toEqual([]);
  });

  it('that got this machine for its name (DNS rebinding) is told nothing', async () => {
    const line = await webLine({ pageDirectory: PAGE });
    const { port } = await line.enter();
    line.desk.add('zqx?');
    const page = await (await openProfile()).newPage();
    for (const path of ['/', '/api/inbox', `/?token=${line.token}`, '/assets/app.js']) {
      const answer = await page.goto(`http://evil.localhost:${port}${path}`);
      expect([answer?.status(), await answer?.text()]).toEqual([403, 'This inbox answers at its own address only.\n']);
    }
    expect(await page.context().cookies()).toEqual([]);
  });
});

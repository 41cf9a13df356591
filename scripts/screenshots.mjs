// Makes the pictures of the web inbox in docs/images: a real hub, real sessions of three pretend projects, and Chromium.
// `npm run screenshots` builds first; CHROMIUM names another browser than /usr/bin/chromium.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { chromium } from 'playwright-core';

const PROGRAM = resolve('dist/switchboard.js');
const BYTES_MAX = 200_000;
const SHOWN_HOME = '/home/ada/projects';
const home = mkdtempSync(join(tmpdir(), 'switchboard-pictures-'));
const environment = { PATH: process.env.PATH, HOME: home, SWITCHBOARD_HOME: join(home, '.switchboard'), WEB_PORT: '0' };
const releases = [() => rmSync(home, { recursive: true, force: true, maxRetries: 5 })];

try {
  const link = await startHub();
  const shop = await startSession('shop', 'checkout', 'Checkout: card payments');
  const api = await startSession('api', 'main', 'Rate limits');
  const site = await startSession('docs-site', 'search');
  await askWhatEnds(api, site);
  await askWhatStaysOpen(shop, api, site);
  await takePictures(link);
} finally {
  for (const release of releases.reverse()) await release();
}

/** Starts the hub and returns the link that it prints. */
async function startHub() {
  const hub = spawn(process.execPath, [PROGRAM, 'hub'], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(hub, 'exit');
  releases.push(async () => {
    hub.kill();
    await ended;
  });
  let printed = '';
  for await (const chunk of hub.stdout) {
    printed += chunk;
    const link = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(printed)?.[0];
    if (link) {
      hub.stdout.resume();
      return link;
    }
  }
  throw new Error(`The hub printed no link:\n${printed}`);
}

/** Starts `switchboard mcp` in a project of this name, as Claude Code would. */
async function startSession(project, branch, label) {
  const directory = join(home, project);
  mkdirSync(join(directory, '.git'), { recursive: true });
  writeFileSync(join(directory, '.git/HEAD'), `ref: refs/heads/${branch}\n`);
  const client = new Client({ name: 'claude-code', version: '2.1.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, 'mcp'],
      cwd: directory,
      stderr: 'ignore',
      env: { ...environment, CLAUDE_PROJECT_DIR: directory },
    }),
  );
  releases.push(() => client.close());
  const call = (name, args) => client.callTool({ name, arguments: args });
  if (label) await call('set_session_label', { label });
  return { call };
}

/** What stands in the history. */
async function askWhatEnds(api, site) {
  await api.call('notify_user', { message: 'All 214 tests pass; starting with the rate limits now.' });
  const asked = await api.call('ask_blocking_question', {
    question: 'Which store shall keep the counters?',
    options: ['Redis', 'Postgres', 'In memory'],
    wait: false,
  });
  const id = asked.structuredContent.question_id;
  await answer(id, 'Redis');
  await api.call('check_question_answers', { question_ids: [id] });
  const other = await site.call('ask_blocking_question', { question: 'What is the new domain called?', wait: false });
  await site.call('mark_question_answered', {
    question_id: other.structuredContent.question_id,
    answer: 'docs.example.org',
  });
}

function answer(question, text) {
  const command = spawn(process.execPath, [PROGRAM, 'answer', question, text], { env: environment, stdio: 'ignore' });
  return new Promise((done, fail) => {
    command.once('exit', (code) => (code === 0 ? done() : fail(new Error(`switchboard answer ended with ${code}`))));
  });
}

/** What waits for somebody, one after another: the inbox shows the oldest first. */
async function askWhatStaysOpen(shop, api, site) {
  const ask = (session, question) => session.call('ask_blocking_question', { ...question, wait: false });
  await ask(shop, {
    question: 'A card is declined after the order was saved. What shall happen to the order?',
    context:
      'The provider answers `402` only after about two seconds, so the order is in the database by then.\n\n' +
      "```ts\nif (payment.status === 'declined') {\n  await orders.markUnpaid(order.id); // or delete it?\n}\n```",
    options: [
      { label: 'Keep it as unpaid', description: 'The customer can try another card for 30 minutes' },
      { label: 'Delete it', description: 'The basket stays as it was' },
      { label: 'Ask support', description: 'Creates a ticket for each declined card' },
    ],
    default_answer: 'Keep it as unpaid',
    timeout_minutes: 45,
  });
  await ask(api, {
    question: 'Which endpoints get the new limit of 60 requests a minute?',
    options: ['/search', '/login', '/export', '/webhooks'],
    multi_select: true,
    timeout_minutes: 120,
  });
  await ask(site, {
    question: 'How shall the page explain that search works offline? One sentence is enough.',
    timeout_minutes: 30,
  });
}

async function takePictures(link) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'],
  });
  releases.push(() => browser.close());
  const look = { locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' };
  const open = async (name, path, options, before = async () => undefined) => {
    const context = await browser.newContext({ ...look, ...options });
    // The place of the pretend projects is another one each time: the pictures show somebody's home directory instead.
    await context.route('**/api/sessions/**', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll(home, SHOWN_HOME) });
    });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByText('3 open questions').waitFor();
    if (path !== '/') await page.goto(new URL(path, link).href);
    await before(page);
    const file = join('docs/images', `web-${name}.png`);
    await page.screenshot({ path: file });
    await context.close();
    const { size } = statSync(file);
    process.stdout.write(`${file}: ${Math.round(size / 1_000)} KB\n`);
    if (size > BYTES_MAX) throw new Error(`${file} is larger than ${BYTES_MAX} bytes`);
  };
  const mark = async (page) => {
    await page.getByRole('checkbox', { name: '/search' }).click();
    await page.getByRole('checkbox', { name: '/export' }).click();
    await page.mouse.move(0, 0);
  };
  await open('inbox', '/', { viewport: { width: 1280, height: 1130 }, colorScheme: 'light' }, mark);
  await open('dark', '/', { viewport: { width: 1280, height: 940 }, colorScheme: 'dark' }, mark);
  const phone = { viewport: { width: 380, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  await open('phone', '/', { ...phone, colorScheme: 'light' });
  await open(
    'timeline',
    `/sessions/${sessionIn('api')}`,
    { viewport: { width: 1280, height: 640 }, colorScheme: 'light' },
    (page) => page.getByText('delivered').first().waitFor(),
  );
}

/** The id of the session of a pretend project. */
function sessionIn(project) {
  const names = readdirSync(join(home, project, '.planning/telegram-sessions'));
  return names.find((name) => name.endsWith('.jsonl')).replace('.jsonl', '');
}

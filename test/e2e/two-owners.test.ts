import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BASH, runHook } from '../support/claude-hooks.ts';
import { type Line, OWNER_ID, startLine } from '../support/line.ts';
import { type McpProcess, startMcp } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { runSwitchboard, until } from '../support/switchboard.ts';

const TWO = { TELEGRAM_OWNER_ID: `${OWNER_ID},8` };

/** The environment of a line whose owners stand in `config.json`, as pairing leaves them. */
function ownersInConfig({ place, env: { TELEGRAM_OWNER_ID: _, ...env } }: Line): Record<string, string> {
  mkdirSync(place.home, { recursive: true, mode: 0o700 });
  writeFileSync(join(place.home, 'config.json'), JSON.stringify(TWO), { mode: 0o600 });
  return env;
}

/** What `status` says of Telegram. */
async function telegramStatus({ place }: Line, env: Record<string, string>): Promise<string> {
  const { stdout } = await runSwitchboard(['status'], { home: place.home, env });
  return stdout.split('\n').find((line) => line.includes('telegram')) ?? stdout;
}

/** A run without a terminal asks for leave only when it reaches somebody. */
async function allowsHeadless(line: Line, env: Record<string, string>): Promise<void> {
  const { api, owner, place, timings } = line;
  const headless = await startMcp(place, { env: { ...env, CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }, timings });
  const deciding = runHook(headless, 'PermissionRequest', BASH);
  owner.presses(await openCard(api, owner, 'May I run a command?'), 'Allow once');
  expect((await deciding).hookSpecificOutput?.decision).toMatchObject({ behavior: 'allow' });
}

const ask = (session: McpProcess, question: string) =>
  session.call('ask_blocking_question', { question, options: ['Yes', 'No'] });

it('of two owners the first wins, and the other is told who and what', async () => {
  const { api, owner: ada, place, env, timings } = await startLine();
  const bob = api.user(8, 'Bob');
  const session = await startMcp(place, { env: { ...env, ...TWO }, timings });
  const asked = ask(session, 'Ship it?');
  const [adasCard, bobsCard] = [await openCard(api, ada, 'Ship it?'), await openCard(api, bob, 'Ship it?')];
  const first = ada.presses(adasCard, 'Yes');
  await api.waitFor(() => first.answer);
  const press = bob.presses(bobsCard, 'No');
  expect((await asked).structuredContent).toMatchObject({ answer: 'Yes', answered_by: { name: 'Ada' } });
  expect((await api.waitFor(() => press.answer)).text).toMatch(/already by Ada: “Yes”/);
  await settledCard(api, ada, 'Ship it?', 'delivered');
  await settledCard(api, bob, 'Ship it?', /Yes[\s\S]*Ada/);
});

it('of two owners one who has not opened the bot keeps the other from nothing, and is forgotten when removed', async () => {
  const line = await startLine({ slowLook: 100 });
  const { api, owner: ada, place, timings } = line;
  const env = ownersInConfig(line);
  const session = await startMcp(place, { env, timings });
  const asked = ask(session, 'Ship it?');
  const card = await openCard(api, ada, 'Ship it?');
  await until(
    async () => (await telegramStatus(line, env)).includes('but no message reaches 8:'),
    () => 'the closed chat in status',
  );
  expect(await telegramStatus(line, env)).not.toContain('NOT OK');
  await allowsHeadless(line, env);
  ada.presses(card, 'Yes');
  await asked;
  expect((await runSwitchboard(['owners', 'remove', '8'], { home: place.home, env })).code).toBe(0);
  await until(
    async () => !(await telegramStatus(line, env)).includes('no message reaches'),
    () => 'status without the chat of who is no owner',
  );
});

it('of two owners one who unblocks the bot gets what waits, though the other was there all the while', async () => {
  const { api, owner: ada, place, env, timings } = await startLine({ slowLook: 100 });
  const bob = api.user(8, 'Bob');
  bob.blocks();
  const session = await startMcp(place, { env: { ...env, ...TWO }, timings });
  const asked = ask(session, 'Ship it?');
  await openCard(api, ada, 'Ship it?');
  await until(
    async () => (await runSwitchboard(['status'], { home: place.home })).stdout.includes('no message reaches 8'),
    () => 'the closed chat in status',
  );
  bob.unblocks();
  bob.says('/help');
  bob.presses(await openCard(api, bob, 'Ship it?'), 'Yes');
  expect((await asked).structuredContent).toMatchObject({ answer: 'Yes', answered_by: { name: 'Bob' } });
});

it('a stranger who blocks the bot does not make it look as if it reached nobody', async () => {
  const line = await startLine();
  const { api, owner, start, env } = line;
  const session = await start();
  const asked = ask(session, 'Ship it?');
  const card = await openCard(api, owner, 'Ship it?');
  const eve = api.user(666, 'Eve');
  const blocked = { kind: 'status', code: 403, description: 'Forbidden: bot was blocked by the user' } as const;
  api.fail('sendMessage', blocked, 1);
  eve.says('hello');
  await api.waitFor(() =>
    api.calls('sendMessage').some(({ payload, status }) => String(payload.chat_id) === '666' && status === 403),
  );
  await allowsHeadless(line, env);
  const status = await telegramStatus(line, env);
  expect(status).toContain('telegram: ok');
  expect(status).not.toContain('no message reaches');
  owner.presses(card, 'Yes');
  await asked;
});

it('of two owners one who was removed is told that it has ended, and neither what the answer was nor by whom', async () => {
  const line = await startLine({ slowLook: 100 });
  const { api, owner: ada, place, timings } = line;
  const bob = api.user(8, 'Bob');
  const env = ownersInConfig(line);
  const session = await startMcp(place, { env, timings });
  const asked = session.call('ask_blocking_question', { question: 'Where is the key?' });
  const card = await openCard(api, ada, 'Where is the key?');
  const bobs = await openCard(api, bob, 'Where is the key?');
  expect((await runSwitchboard(['owners', 'remove', '8'], { home: place.home, env })).code).toBe(0);
  // Heard by the hub when its owners are.
  await until(
    () => {
      const press = bob.presses(bobs, { data: 'x' });
      return api.waitFor(() => press.answer).then(({ text }) => text?.includes('its owner only') ?? false);
    },
    () => 'Bob to be nobody',
  );
  ada.says('under the mat', { replyTo: card });
  await asked;
  await settledCard(api, ada, 'Where is the key?', /under the mat[\s\S]*delivered/);
  await settledCard(api, bob, 'This has ended, and nothing more is shown here.', '');
  expect(JSON.stringify(bob.messages())).not.toMatch(/under the mat|Ada/);
});

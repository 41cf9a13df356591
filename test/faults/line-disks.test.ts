import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { count } from '../support/faults/injected.ts';
import { SINGLE_FAULTS } from '../support/faults/kinds.ts';
import { startLine } from '../support/line.ts';
import { type McpPlace, type McpProcess, mcpPlace } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { ask, openCards, type WaitingLine, waitingLine } from '../support/waiting-line.ts';

const SKIPPED = 'SKIPPED: this user may not mount a tmpfs, so the disk was not tried';

describe('the line on a disk', () => {
  it('that is full confirms nothing it cannot keep, says so to the person and to Claude, and goes on once there is room', async (context) => {
    const small = smallProject('size=300k,mode=700');
    if (!small) return context.skip(SKIPPED);
    const line = await waitingLine('Full?', { place: small.place });
    await fillUp(line.session);
    const refused = await line.session.call('ask_blocking_question', { question: 'One more?', wait: false });
    expect(JSON.stringify(refused)).toMatch(/disk is full.*Free some space/);
    await pressInVain(line, 'Full?', /Could not be recorded.*disk is full/);
    small.disk.change('size=3m');
    line.owner.presses(line.card, 'Yes');
    expect(await line.asked).toMatchObject({ answer: 'Yes' });
    await settledCard(line.api, line.owner, 'Full?', 'delivered');
    const next = ask(line.session, 'One more?');
    line.owner.presses(await openCard(line.api, line.owner, 'One more?'), 'No');
    expect(await next).toMatchObject({ answer: 'No' });
  });

  it('that may not be written for a while keeps the question open, says what to do, and takes the answer afterwards', async (context) => {
    const small = smallProject('size=3m,mode=700');
    if (!small) return context.skip(SKIPPED);
    const line = await waitingLine('Locked?', { place: small.place });
    small.disk.change('ro');
    await pressInVain(line, 'Locked?', /Could not be recorded.*may not be written/);
    const refused = await line.session.call('ask_blocking_question', { question: 'One more?', wait: false });
    expect(JSON.stringify(refused)).toContain('SWITCHBOARD_SESSIONS_DIR');
    small.disk.change('rw');
    line.owner.presses(line.card, 'Yes');
    expect(await line.asked).toMatchObject({ answer: 'Yes' });
  });
});

describe('the log of the hub', () => {
  it('that cannot be written, since the disk of the home is full, costs no question, no answer and no polling', async (context) => {
    const line = await startLine();
    const { home } = line.place;
    if (!mountSmallDisk(home, 'size=1m,mode=700')) return context.skip(SKIPPED);
    const session = await line.start();
    const first = ask(session, 'Logged?');
    const card = await openCard(line.api, line.owner, 'Logged?');
    const log = join(home, 'hub.log');
    // The log itself, so that not even the rest of its last block is free.
    fillDisk(log);
    count('injected', SINGLE_FAULTS.logFails);
    const { size } = statSync(log);
    // What the hub cannot send it would log.
    line.api.fail('editMessageText', { kind: 'status', code: 502 }, 2);
    line.owner.presses(card, { data: 'nonsense' });
    for (const question of ['Logged?', 'And now?', 'And then?']) {
      const asked = question === 'Logged?' ? first : ask(session, question);
      line.owner.presses(await openCard(line.api, line.owner, question), 'Yes');
      expect(await asked).toMatchObject({ answer: 'Yes' });
      await settledCard(line.api, line.owner, question, 'delivered');
    }
    await line.api.waitFor(() => line.api.unconfirmed === 0 && line.api.polled);
    expect(statSync(log).size, 'no entry fitted').toBe(size);
  });
});

/** Writes until nothing more fits. */
function fillDisk(path: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
}

/** A project on a file system of its own. */
function smallProject(options: string): { place: McpPlace; disk: SmallDisk } | null {
  const place = mcpPlace();
  const project = join(place.project, 'disk');
  const disk = mountSmallDisk(project, options);
  return (
    disk && { place: { ...place, project, sessionsDirectory: join(project, '.planning/telegram-sessions') }, disk }
  );
}

/** Writes ever smaller records until not even the smallest fits. */
async function fillUp(session: McpProcess): Promise<void> {
  for (const size of [7_000, 500, 1]) {
    for (let written = true, n = 0; written; n += 1) {
      const message = `${n} ${'x'.repeat(size)}`;
      written = !(await session.call('notify_user', { message })).isError;
    }
  }
}

async function pressInVain(line: WaitingLine, question: string, words: RegExp): Promise<void> {
  const press = line.owner.presses(line.card, 'Yes');
  expect((await line.api.waitFor(() => press.answer)).text).toMatch(words);
  expect(openCards(line, question)).toHaveLength(1);
}

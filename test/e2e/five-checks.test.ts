import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { untilOneHub } from '../support/hub-pid.ts';
import { startLine } from '../support/line.ts';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { openCard } from '../support/phone.ts';
import { archivedPath } from '../support/store-places.ts';
import { kill, runningIn, until } from '../support/switchboard.ts';

// What such systems usually leave to a person to try by hand. The remaining two of the five, several instances that each
// get only their own answer and a plain text that answers with one instance, stand in line.test.ts.
describe('what is usually checked by hand', () => {
  it('leaves every line parseable after rapid asks and answers', async () => {
    const { api, owner, start } = await startLine();
    const sessions = await Promise.all([start(), start(), start()]);
    for (let round = 0; round < 4; round += 1) {
      const asked = sessions.map((session, index) =>
        session.call('ask_blocking_question', { question: `Round ${round}, ${index}?`, options: ['Yes', 'No'] }),
      );
      for (const index of sessions.keys()) {
        owner.presses(await openCard(api, owner, `Round ${round}, ${index}?`), 'Yes');
      }
      for (const result of await Promise.all(asked)) expect(result.structuredContent).toMatchObject({ answer: 'Yes' });
    }
    for (const session of sessions) {
      // recordsOf parses each line and fails on one that is none.
      const records = recordsOf(session, await session.session());
      expect(records.filter(({ type }) => type === 'answer')).toHaveLength(4);
      expect(records.filter(({ type }) => type === 'error')).toEqual([]);
    }
  });

  it('archives the file of a killed instance at the next start', async () => {
    const place = mcpPlace();
    const victim = await startMcp(place);
    const id = await victim.session();
    const asked = victim.call('ask_blocking_question', { question: 'Anybody?' }).catch(() => 'failed');
    await place.hub.question(id, 'Anybody?');
    await untilOneHub(place.home);
    for (const pid of runningIn(place.home, / hub( |$)/)) kill(pid, 'SIGKILL');
    kill(victim.pid, 'SIGKILL');
    expect(await asked).toBe('failed');
    for (const pid of runningIn(place.home)) kill(pid, 'SIGKILL');

    await startMcp(place);
    const archived = () => archivedPath(place.sessionsDirectory, `${id}.jsonl`);
    await until(
      () => existsSync(archived()),
      () => archived(),
    );
    const records = readFileSync(archived(), 'utf8').trimEnd().split('\n');
    const types = records.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(expect.arrayContaining(['question', 'question_closed', 'system']));
    expect(existsSync(join(place.sessionsDirectory, `${id}.jsonl`))).toBe(false);
  });

  it('writes heartbeats', async () => {
    const place = mcpPlace();
    const session = await startMcp(place, { timings: { heartbeat: 50 } });
    const id = await session.session();
    await until(
      () => recordsOf(place, id).filter(({ type }) => type === 'heartbeat').length >= 3,
      () => 'three heartbeats',
    );
  });
});

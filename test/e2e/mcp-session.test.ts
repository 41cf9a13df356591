import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type McpSession, type McpSessionOptions, startMcpSession } from '../../src/cli/mcp-session.ts';
import { PROGRAM } from '../support/build.ts';
import { recordsOf, sessionOf } from '../support/mcp-client.ts';
import { environment, killHomeWhenFinished, until } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let home: string;
let project: string;

beforeEach(() => {
  home = temporaryDirectory();
  project = temporaryDirectory();
  // What it starts is the program that it is part of.
  const [node = '', ...others] = process.argv;
  process.argv = [node, PROGRAM, ...others.slice(1)];
  onTestFinished(() => {
    process.argv = [node, ...others];
  });
});

async function start(options: Partial<McpSessionOptions> = {}): Promise<McpSession> {
  killHomeWhenFinished(home);
  const session = await startMcpSession({ home, project, environment: environment({ home }), ...options });
  onTestFinished(() => session.close());
  return session;
}

/** The records of a session that this file has started. */
async function recordsIn({ sessionsDirectory, pid }: McpSession): Promise<Record<string, unknown>[]> {
  const place = { sessionsDirectory, home, project, hub: undefined as never };
  return recordsOf(place, await sessionOf(place, pid));
}

describe('a session that this program starts itself', () => {
  it('stays apart from the Claude Code in whose terminal it was started', async () => {
    const elsewhere = temporaryDirectory();
    const session = await start({
      label: 'scratch',
      environment: environment({
        home,
        env: {
          CLAUDE_PROJECT_DIR: elsewhere,
          CLAUDE_CODE_SESSION_ID: 'that one',
          SWITCHBOARD_SESSIONS_DIR: join(elsewhere, 'sessions'),
        },
      }),
    });
    const [metadata, ...others] = await recordsIn(session);
    expect(metadata).toMatchObject({ project_dir: project, client: { name: 'switchboard' } });
    expect(metadata).not.toHaveProperty('claude_session_id');
    expect(others).toContainEqual(expect.objectContaining({ type: 'session_updated', label: 'scratch' }));
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('withdraws a question that nobody waits for any more', async () => {
    const session = await start();
    const end = new AbortController();
    const asked = session.ask({ question: 'Still there?' }, { signal: end.signal });
    const has = async (facts: object): Promise<boolean> => {
      const found = (await recordsIn(session)).some((record) =>
        Object.entries(facts).every(([field, value]) => record[field] === value),
      );
      return found;
    };
    await until(
      () => has({ type: 'question' }),
      () => 'the question',
    );
    end.abort();
    await expect(asked).rejects.toThrow(/could not ask/);
    await until(
      () => has({ type: 'question_closed', reason: 'withdrawn' }),
      () => 'the end of the question',
    );
  });

  it('says in plain words what is wrong', async () => {
    const session = await start();
    await expect(session.ask({ question: 'One?', options: ['only this'] })).rejects.toThrow(/could not ask: .*2/s);
    await session.close();
    await session.close();
    await expect(session.ask({ question: 'Gone?' })).rejects.toThrow(/could not ask/);
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": "Ada"}', { mode: 0o600 });
    await expect(start()).rejects.toThrow(/could not be started: .*It said: switchboard: TELEGRAM_OWNER_ID in/s);
  });
});

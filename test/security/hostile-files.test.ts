import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mcpPlace, recordsOf, startMcp } from '../support/mcp-client.ts';
import { openCard } from '../support/phone.ts';
import { hubsOf, type WaitingLine, waitingLine } from '../support/waiting-line.ts';

const NOW = new Date().toISOString();

const line = (type: string, fields: object) => ({
  v: 1,
  event_id: randomUUID(),
  type,
  timestamp: NOW,
  writer: 'mcp:1',
  ...fields,
});

const question = (text: string, more: object = {}) => {
  const common = { kind: 'question', multi_select: false, allow_text: true, status: 'pending', created_at: NOW };
  return line('question', { id: randomUUID(), question: text, ...common, ...more });
};

/** Puts a session file of somebody's making beside that of the waiting session, whole at once. */
function plant({ session, path }: WaitingLine, id: string, lines: readonly (object | string)[]): void {
  const text = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
  writeFileSync(`${path}.planted`, `${text}\n`);
  renameSync(`${path}.planted`, join(session.sessionsDirectory, `${id}.jsonl`));
}

describe('what a neighbour put into the sessions directory', () => {
  it('is shown as far as it can be, harms no other question, and leads nowhere outside', async () => {
    const waiting = await waitingLine('Good?');
    const { api, owner, session, place } = waiting;
    const [own] = recordsOf(session, await session.session());
    const id = randomUUID();
    const secret = 'the content of a file outside';
    writeFileSync(join(place.project, 'secret.txt'), secret);
    symlinkSync(place.project, join(session.sessionsDirectory, id));
    const label = `\ud800\0 evil \u202e${'L'.repeat(30_000)}`;
    plant(waiting, id, [
      { ...own, event_id: randomUUID(), session_id: id, label, git_branch: '../../..' },
      question('By path?', { context_file: '../../secret.txt' }),
      question('By link?', { context_file: `${id}/secret.txt` }),
      question(`\ud800\0${'Z'.repeat(900_000)}`),
      question('Five hundred?', { options: Array.from({ length: 500 }, () => ({ label: 'a' })) }),
      line('question_shown', { question_id: randomUUID(), channel: 'telegram', chat: '__proto__', ref: '../../x' }),
      '{"v":1,"__proto__":{"polluted":true}}',
      '['.repeat(100_000),
      'x'.repeat(3_000_000),
    ]);
    mkdirSync(join(session.sessionsDirectory, `${randomUUID()}.jsonl`));
    symlinkSync('/etc/passwd', join(session.sessionsDirectory, `${randomUUID()}.jsonl`));
    execFileSync('mkfifo', [join(session.sessionsDirectory, `${randomUUID()}.jsonl`)]);

    const said = /context could not be read/;
    expect((await openCard(api, owner, 'By path?')).text).toMatch(said);
    expect((await openCard(api, owner, 'By link?')).text).toMatch(said);
    await openCard(api, owner, 'ZZZ');
    await openCard(api, owner, 'Five hundred?');
    owner.says('/pending');
    await api.waitFor(() => owner.messages().find(({ text }) => text?.includes('Pending questions (5)')));
    expect(JSON.stringify(owner.messages())).not.toContain(secret);
    // What was asked within the limits stays whole, and what was not takes up a few messages at most.
    expect(owner.messages().filter(({ text }) => text?.includes('ZZZ')).length).toBeLessThanOrEqual(3);
    const hubs = hubsOf(waiting);
    owner.presses(waiting.card, 'Yes');
    expect(await waiting.asked).toMatchObject({ answer: 'Yes' });
    expect(hubsOf(waiting)).toEqual(hubs);
  });
});

describe('a project that comes with links', () => {
  it('gets none of the files removed that they lead to', async () => {
    const place = mcpPlace();
    const papers = join(place.project, 'papers');
    mkdirSync(papers);
    mkdirSync(place.sessionsDirectory, { recursive: true });
    const old = join(papers, randomUUID());
    writeFileSync(old, 'mine');
    utimesSync(old, 0, 0);
    symlinkSync(papers, join(place.sessionsDirectory, '.aside'));
    const session = await startMcp(place);
    const asked = await session.call('ask_blocking_question', { question: 'Anybody?', wait: false });
    expect(asked.structuredContent).toMatchObject({ status: 'pending' });
    expect(existsSync(old)).toBe(true);
  });
});

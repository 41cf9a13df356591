import { randomInt } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FOREIGN_GROUP, hostileUpdate, OWNER, STRANGER, updateOf } from '../support/hostile-updates.ts';
import { recordsOf } from '../support/mcp-client.ts';
import { openCard, settledCard } from '../support/phone.ts';
import { FIXED_SEED } from '../support/property-test.ts';
import { hubsOf, waitingLine } from '../support/waiting-line.ts';

const SEEDS = [FIXED_SEED, Number(process.env.SEED ?? randomInt(2 ** 31))];
const UPDATES = 150;

/** Once more when a directory of a moment, a lock, was gone before it could be looked into. */
function entriesBelow(directory: string): Dirent[] {
  for (;;) {
    try {
      return readdirSync(directory, { recursive: true, withFileTypes: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(directory)) throw error;
    }
  }
}

/** Every file in a directory, by its path within it. */
function filesIn(directory: string): string[] {
  return entriesBelow(directory)
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .sort();
}

describe('a hub that is sent forged and damaged updates', () => {
  it.each(SEEDS)('records what its owner did and nothing else, and goes on: SEED=%i', async (seed) => {
    const line = await waitingLine('Deploy, zqx?');
    const { api, owner, session, place, asked, card } = line;
    api.user(STRANGER, 'Bob');
    api.group(FOREIGN_GROUP, 'Ours', { privacy: false });
    const hubs = hubsOf(line);
    const free = { question: 'Which name, zqx?', wait: false };
    await session.call('ask_blocking_question', free);
    const freeCard = await openCard(api, owner, free.question);
    const before = filesIn(place.project);

    const scene = { cards: [card, freeCard], chat: { id: OWNER, type: 'private' } };
    const updates = fc.sample(hostileUpdate, { seed, numRuns: UPDATES });
    for (const [n, hostile] of updates.entries()) {
      const { update, numbered } = updateOf(hostile, scene);
      api.forge(update, { numbered });
      if (n === UPDATES / 2) owner.presses(card, 'Yes');
    }
    expect(await asked).toMatchObject({ answer: 'Yes' });
    await api.waitFor(() => api.idle, 30_000);
    owner.says('blue', { replyTo: freeCard });
    await settledCard(api, owner, 'Which name', 'blue');

    const answers = recordsOf(session, await session.session()).filter(({ type }) => type === 'answer');
    const by = { channel: 'telegram', id: String(OWNER), name: 'Ada' };
    expect(answers.map(({ answer, answered_by }) => [answer, answered_by])).toEqual([
      ['Yes', by],
      ['blue', by],
    ]);
    expect(hubsOf(line)).toEqual(hubs);
    expect(filesIn(place.project).filter((name) => !name.startsWith('/home/'))).toEqual(
      before.filter((name) => !name.startsWith('/home/')),
    );
    for (const chat of [STRANGER, FOREIGN_GROUP]) expect(JSON.stringify(owner.messages(chat))).not.toContain('zqx');
    expect(readFileSync(join(place.home, 'hub.log'), 'utf8')).not.toContain(api.token);
  });
});

describe('a file with a name that leads elsewhere', () => {
  it('is kept under a plain name in the directory of its own session', async () => {
    const line = await waitingLine('Anything else?');
    const { api, owner, session, place } = line;
    const names = [
      '../../../evil.txt',
      '/etc/cron.d/evil',
      '..\\..\\evil.exe',
      '.bashrc',
      'C:\\evil.txt',
      'nul',
      '\ud800\0.txt',
      `${'x'.repeat(5_000)}.txt`,
      '\u202egpj.exe',
      '..',
      'files/../../x',
    ];
    const outside = () =>
      filesIn(place.project).filter((name) => !name.startsWith('/home/') && !name.includes('/files/'));
    const before = outside();
    const id = await session.session();
    for (const [n, file_name] of names.entries()) {
      const question = `File ${n}?`;
      await session.call('ask_blocking_question', { question, wait: false });
      const replyTo = await openCard(api, owner, question);
      owner.sends({ document: { ...api.file(`content ${n}`), file_name, mime_type: 'text/html' } }, { replyTo });
      await settledCard(api, owner, question, /Answer/);
    }
    const directory = realpathSync(join(session.sessionsDirectory, id, 'files'));
    const kept = recordsOf(session, id).flatMap(({ files }) => (files as { path: string }[] | undefined) ?? []);
    expect(kept).toHaveLength(names.length);
    for (const [n, { path }] of kept.entries()) {
      expect([names[n], dirname(realpathSync(path)), readFileSync(path, 'utf8')]).toEqual([
        names[n],
        directory,
        `content ${n}`,
      ]);
    }
    expect(outside()).toEqual(before);
    expect(readdirSync(directory)).toHaveLength(names.length);
  });
});

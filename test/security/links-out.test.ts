import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registeredDirectories } from '../../src/runtime/projects.ts';
import { type McpPlace, mcpPlace, startMcp } from '../support/mcp-client.ts';
import { metadataDraft, newSession, noteDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A directory elsewhere with something in it, and a check that it stays as it is. */
function elsewhere(): { path: string; expectUntouched: () => void } {
  const path = temporaryDirectory();
  mkdirSync(join(path, 'files'));
  // Two have names of ours, and are so old that we would clear them away.
  const [aside, lock] = [randomUUID(), `${randomUUID()}.lock`];
  mkdirSync(join(path, lock));
  for (const name of ['letter.txt', 'files/photo.txt', aside]) writeFileSync(join(path, name), 'mine');
  for (const name of ['letter.txt', aside, lock]) utimesSync(join(path, name), 0, 0);
  const all = (): string[] =>
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .map((name) => `${name} ${lstatSync(join(path, name)).isFile() ? readFileSync(join(path, name), 'utf8') : ''}`)
      .sort();
  const before = all();
  return { path, expectUntouched: () => expect(all()).toEqual(before) };
}

async function ask({ project, home }: Pick<McpPlace, 'project' | 'home'>, env: Record<string, string> = {}) {
  const place = { ...mcpPlace(), project, home, sessionsDirectory: join(project, '.planning/telegram-sessions') };
  const server = await startMcp(place, { env });
  const { isError = false, content } = await server.call('ask_blocking_question', {
    question: 'Anybody?',
    wait: false,
  });
  return { isError, words: JSON.stringify(content), server };
}

describe('a repository that comes with links', () => {
  it.each(['.planning', '.planning/telegram-sessions'])(
    'writes nothing where %s leads, says so, and says what to do',
    async (name) => {
      const outside = elsewhere();
      const place = mcpPlace();
      const link = join(place.project, name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(outside.path, link);
      const { isError, words, server } = await ask(place);
      expect(isError).toBe(true);
      expect(words).toMatch(
        /is a link that leads out of the project.*nothing was written.*Remove the link.*SWITCHBOARD_SESSIONS_DIR/,
      );
      await server.call('notify_user', { message: 'x' });
      await server.close();
      expect(registeredDirectories(place.home)).toEqual([]);
      outside.expectUntouched();
    },
  );

  it('may have a link that stays within it, and the person may choose one that leads anywhere', async () => {
    const inside = mcpPlace();
    mkdirSync(join(inside.project, 'docs'));
    symlinkSync('docs', join(inside.project, '.planning'));
    expect((await ask(inside)).isError).toBe(false);
    expect(readdirSync(join(inside.project, 'docs/telegram-sessions')).some((name) => name.endsWith('.jsonl'))).toBe(
      true,
    );
    const chosen = mcpPlace();
    const target = temporaryDirectory();
    const link = join(temporaryDirectory(), 'link');
    symlinkSync(target, link);
    expect((await ask(chosen, { SWITCHBOARD_SESSIONS_DIR: link })).isError).toBe(false);
    expect(readdirSync(target).some((name) => name.endsWith('.jsonl'))).toBe(true);
  });

  it.each(['.locks', '.aside', '.gitignore'])(
    'works with a link in the place of %s, and leaves alone what it leads to',
    async (name) => {
      const outside = elsewhere();
      const place = mcpPlace();
      mkdirSync(place.sessionsDirectory, { recursive: true });
      symlinkSync(
        name === '.gitignore' ? join(outside.path, 'new') : outside.path,
        join(place.sessionsDirectory, name),
      );
      const session = await startMcp(place);
      const asked = session.call('ask_blocking_question', { question: 'Good?' });
      const id = await session.session();
      const { record } = await place.hub.question(id, 'Good?');
      await place.hub.answer(id, record.id, 'yes');
      expect((await asked).structuredContent).toMatchObject({ answer: 'yes' });
      await place.hub.until(id, ({ questions }) => questions.get(record.id)?.deliveredAt);
      await session.close();
      outside.expectUntouched();
    },
  );
});

describe('a repository that comes with files in the place of directories', () => {
  it.each(['.planning', '.planning/telegram-sessions'])('says that %s is one, and what to do', async (name) => {
    const place = mcpPlace();
    const file = join(place.project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'mine');
    const { isError, words, server } = await ask(place);
    expect(isError).toBe(true);
    expect(words).toContain(`${file} is no directory, so nothing was written. Move it elsewhere`);
    expect(words).toContain('SWITCHBOARD_SESSIONS_DIR');
    await server.close();
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.each(['.locks', '.aside', 'archive'])('works with one in the place of %s', async (name) => {
    const place = mcpPlace();
    mkdirSync(place.sessionsDirectory, { recursive: true });
    writeFileSync(join(place.sessionsDirectory, name), 'theirs');
    expect((await ask(place)).isError).toBe(false);
  });
});

describe('a store whose directories are links by now', () => {
  const parts: readonly [what: string, path: (place: StorePlace, session: string) => string][] = [
    ['the archive', ({ directory }) => join(directory, 'archive')],
    ['the day in the archive', ({ directory }) => join(directory, 'archive', new Date().toISOString().slice(0, 10))],
  ];
  it.each(parts)('archives nothing where %s leads', async (_, path) => {
    const outside = elsewhere();
    const place = new StorePlace();
    const { store, session, path: log } = await place.withSession();
    await store.attach(session, 'context.md', 'long');
    mkdirSync(dirname(path(place, session)), { recursive: true });
    symlinkSync(outside.path, path(place, session));
    await expect(store.archive(session, async () => true)).rejects.toMatchObject({
      code: 'NO_DIRECTORY',
      message: expect.stringMatching(/is a link, so nothing was written there. Remove the link./),
    });
    expect(existsSync(log)).toBe(true);
    expect(await store.readAttachment(session, 'context.md')).toBe('long');
    outside.expectUntouched();
  });

  it.each(['', 'files'])('keeps no attachment where a link leads that stands for <session>/%s', async (part) => {
    const outside = elsewhere();
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const link = join(place.directory, session, part);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(outside.path, link);
    await expect(store.attach(session, 'files/photo.txt', 'theirs')).rejects.toMatchObject({ code: 'NO_DIRECTORY' });
    expect(await store.readAttachment(session, 'files/photo.txt')).toBeNull();
    outside.expectUntouched();
  });

  it.each<[string, (path: string) => void]>([
    ['a link to itself', (path) => symlinkSync(basename(path), path)],
    ['a directory', (path) => mkdirSync(path)],
  ])('starts a session whatever was left among its locks and aside: %s', async (_, make) => {
    const place = new StorePlace();
    for (const part of ['.locks', '.aside']) {
      mkdirSync(join(place.directory, part), { recursive: true });
      const left = join(place.directory, part, part === '.locks' ? `${newSession()}.lock` : newSession());
      make(left);
      lutimesSync(left, 0, 0);
    }
    const session = newSession();
    await place.store().open(session, metadataDraft(session));
    expect(existsSync(place.log(session))).toBe(true);
  });

  it('locks nothing where a link leads that stands for the locks', async () => {
    const outside = elsewhere();
    const place = new StorePlace();
    const session = newSession();
    mkdirSync(place.directory);
    symlinkSync(outside.path, join(place.directory, '.locks'));
    const store = place.store();
    await store.open(session, metadataDraft(session));
    // The name of a lock is known to everybody: what lies there would be removed as if it was a dead one.
    mkdirSync(join(outside.path, `${session}.lock`));
    expect(await store.append(session, noteDraft(1))).toMatchObject({ status: 'stored' });
    expect(existsSync(join(outside.path, `${session}.lock`))).toBe(true);
    const records = (await store.read(session, null, 10))?.records;
    expect(records).toContainEqual(expect.objectContaining({ code: 'LOCK_UNAVAILABLE' }));
  });

  it('writes and reads no pipe, device, directory or link in the place of a log', async () => {
    const outside = elsewhere();
    const place = new StorePlace();
    mkdirSync(place.directory);
    const store = place.store();
    const makers: Record<string, (path: string) => void> = {
      fifo: (path) => void execFileSync('mkfifo', [path]),
      link: (path) => symlinkSync(join(outside.path, 'letter.txt'), path),
      device: (path) => symlinkSync('/dev/zero', path),
      directory: (path) => mkdirSync(path),
    };
    for (const [kind, make] of Object.entries(makers)) {
      const session = newSession();
      make(place.log(session));
      expect(await store.read(session, null, 10), kind).toBeNull();
      expect(await store.append(session, noteDraft(kind)), kind).toEqual({ status: 'closed' });
      await expect(store.open(session, metadataDraft(session)), kind).rejects.toMatchObject({ code: 'IO' });
      expect(await store.archive(session, async () => true), kind).toBe('gone');
    }
    expect(await store.sessions()).toEqual([]);
    outside.expectUntouched();
  });

  it('takes no name of an attachment that leads anywhere', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    const names = [
      '../x',
      '/etc/x',
      '..',
      '.',
      '',
      'files/../x',
      'files/',
      'files//x',
      'a/b',
      'a\nb',
      'a\0b',
      '.hidden',
      `${session}/../../x`,
      'files/a\u202eb',
      'x'.repeat(300),
    ];
    const before = readdirSync(place.directory, { recursive: true, encoding: 'utf8' })
      .map((name) => relative('.', name))
      .sort();
    for (const name of names) {
      await expect(store.attach(session, name, 'x'), name).rejects.toThrow(TypeError);
      expect(await store.readAttachment(session, name), name).toBeNull();
    }
    expect(
      readdirSync(place.directory, { recursive: true, encoding: 'utf8' })
        .map((name) => relative('.', name))
        .sort(),
    ).toEqual(before);
  });
});

describe('what a project names for git', () => {
  it('may be a pipe, a link to a device, or endless, and holds up nobody', async () => {
    const makers: ((head: string) => void)[] = [
      (head) => void execFileSync('mkfifo', [head]),
      (head) => symlinkSync('/dev/zero', head),
      (head) => writeFileSync(head, `ref: refs/heads/${'b'.repeat(300_000)}\n`),
      (head) => writeFileSync(head, 'ref: refs/heads/\u001b[2J\u202e\n'),
    ];
    for (const make of makers) {
      const place = mcpPlace();
      mkdirSync(join(place.project, '.git'));
      make(join(place.project, '.git/HEAD'));
      expect((await ask(place)).isError).toBe(false);
    }
  });
});

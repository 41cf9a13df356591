import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { registerProject } from '../../src/runtime/projects.ts';
import { metadataDraft, newSession } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';
import { runSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { openTerminal } from '../support/terminal.ts';

const DAY_MS = 24 * 60 * 60_000;

let home: string;
let shop: StorePlace;
let docs: StorePlace;

beforeEach(() => {
  home = temporaryDirectory();
  [shop, docs] = [new StorePlace(), new StorePlace()];
  for (const place of [shop, docs]) {
    mkdirSync(place.directory);
    registerProject(home, place.directory);
  }
});

const archive = (...args: string[]) => runSwitchboard(['archive', ...args], { home });

/** The day that ended so many whole days before the running one. */
function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
}

/** A session that was archived by the store itself on a day, with something attached. */
async function archived(place: StorePlace, day: string, attached = ''): Promise<{ id: string; log: string }> {
  const id = newSession();
  const store = place.store({ now: () => Date.parse(`${day}T12:00:00Z`) });
  await store.open(id, metadataDraft(id));
  if (attached) await store.attach(id, 'context.md', attached);
  expect(await store.archive(id, async () => true)).toBe('archived');
  return { id, log: join(place.directory, 'archive', day, `${id}.jsonl`) };
}

describe('switchboard archive', () => {
  it('says so when nothing is archived', async () => {
    expect(await archive()).toMatchObject({ code: 0, stdout: expect.stringContaining('No archived sessions') });
  });

  it('lists the sessions of all projects by day, with what is attached counted in', async () => {
    await archived(shop, '2026-01-02');
    await archived(docs, '2026-01-02', 'x'.repeat(50_000));
    const { id } = await archived(docs, '2026-03-04');
    for (let count = 0; count < 8; count += 1) await archived(docs, '2026-05-06');
    const { code, stdout } = await archive();
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^2026-01-02 +2 sessions +5\d\.\d kB( {1,2}[0-9a-f]{8}){2}\n2026-03-04 +1 session +\d+ B {2}/m,
    );
    expect(stdout).toContain(` B  ${id.slice(0, 8)}\n`);
    expect(stdout).toMatch(/^2026-05-06 +8 sessions +\d\.\d kB( {1,2}[0-9a-f]{8}){6} …\n/m);
    expect(stdout).toMatch(/^11 sessions, 5\d\.\d kB\. Nothing of it is deleted by itself/m);
  });

  it('gives the same as data', async () => {
    const { id, log } = await archived(shop, '2026-01-02', 'a context');
    const { sessions, days, bytes } = JSON.parse((await archive('list', '--json')).stdout);
    expect(sessions).toEqual([
      { day: '2026-01-02', session_id: id, bytes, paths: [log, `${log.replace('.jsonl', '')}/`] },
    ]);
    expect(days).toEqual([{ day: '2026-01-02', sessions: 1, bytes }]);
  });
});

describe('switchboard archive prune', () => {
  it('takes nothing for a log that the archive does not call so, and prints no line that a name forges', async () => {
    const { log } = await archived(shop, daysAgo(91));
    const stem = log.replace('.jsonl', '');
    const foreign = ['.notes.jsonl', '.\n2026-01-01.jsonl', '.corrupt.old.jsonl', '.jsonl.jsonl'].map(
      (end) => stem + end,
    );
    for (const path of foreign) writeFileSync(path, 'mine');
    for (const end of ['.2.jsonl', '.corrupt.jsonl', '.corrupt.2.jsonl']) writeFileSync(stem + end, '');
    const { stdout } = await archive('prune', '--older-than', '90d', '--yes');
    expect(stdout.match(/^ {4}/gm)).toHaveLength(4);
    expect(foreign.filter((path) => !existsSync(path))).toEqual([]);
    expect(readdirSync(join(shop.directory, 'archive', daysAgo(91)))).toHaveLength(foreign.length);
    const odd = new StorePlace(join(temporaryDirectory(), 'two\nlines'));
    mkdirSync(odd.directory, { recursive: true });
    registerProject(home, odd.directory);
    await archived(odd, daysAgo(91));
    expect((await archive('prune', '--older-than', '90d', '--dry-run')).stdout).toMatch(
      /^ {4}\/.*two␊lines\/.*\.jsonl$/m,
    );
    expect(await archive('prune', '--older-than', '0d')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('at least 1d'),
    });
  });

  it('deletes what is wholly older than the age, shows it before, and leaves the rest and all live sessions', async () => {
    const old = await archived(shop, daysAgo(91), 'a context');
    const young = await archived(shop, daysAgo(89));
    const { path: live } = await shop.withSession();
    const { code, stdout } = await archive('prune', '--older-than', '90d', '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain(`    ${old.log}\n    ${old.log.replace('.jsonl', '')}/\n`);
    expect(stdout).toMatch(/Deleted 1 session, \d+ B\./);
    expect(readdirSync(join(shop.directory, 'archive'))).toEqual([daysAgo(89)]);
    expect(existsSync(young.log)).toBe(true);
    expect(existsSync(live)).toBe(true);
  });

  it('only shows with --dry-run, and without somebody to ask: then it says how, and fails', async () => {
    const { log } = await archived(shop, '2020-01-02');
    const dry = await archive('prune', '--older-than', '1y', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining(log) });
    const unasked = await archive('prune', '--older-than', '12w');
    expect(unasked).toMatchObject({ code: 1, stdout: expect.stringContaining(log) });
    expect(unasked.stderr).toContain('--yes');
    expect(existsSync(log)).toBe(true);
    expect(await archive('prune', '--older-than', '99y')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/No/),
    });
  });

  it('asks in a terminal: anything but yes deletes nothing', async () => {
    const { log } = await archived(shop, '2020-01-02');
    for (const [word, code] of [
      ['', 1],
      ['no', 1],
      ['ctrl-c', 1],
      ['y', 0],
    ] as const) {
      expect(existsSync(log)).toBe(true);
      const terminal = openTerminal(['archive', 'prune', '--older-than', '90d'], { home, columns: 200 });
      await terminal.shows(log);
      await terminal.shows('Delete all of this for good? [y/N]');
      if (word === 'ctrl-c') terminal.presses('ctrl-c');
      else terminal.types(`${word}\r`);
      expect(await terminal.ended()).toBe(code);
      expect(terminal.text).toMatch(code === 0 ? /Deleted 1 session/ : /Nothing was deleted/);
    }
    expect(existsSync(log)).toBe(false);
  });

  it.each(['6m', '90', '0d', '-5d', 'd', '90 days', '999999d', ''])('takes no age that reads %j', async (age) => {
    const { log } = await archived(shop, '2020-01-02');
    const { code, stderr } = await archive('prune', `--older-than=${age}`, '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('90d, 12w, 1y');
    expect(existsSync(log)).toBe(true);
  });

  it('follows no link and leaves what it did not put there', async () => {
    const { id, log } = await archived(shop, '2020-01-02', 'a context');
    const days = join(shop.directory, 'archive');
    const elsewhere = temporaryDirectory();
    const precious = join(elsewhere, `${newSession()}.jsonl`);
    writeFileSync(precious, 'precious');
    // Links in place of a day, of a log, and among what is attached; names that are no day and no session.
    symlinkSync(elsewhere, join(days, '2020-01-03'));
    symlinkSync(precious, join(days, '2020-01-02', `${newSession()}.jsonl`));
    symlinkSync(elsewhere, join(days, '2020-01-02', id, 'link'));
    const foreign = [join(days, '2020-01-02', 'notes.jsonl'), join(days, '2020-02-31'), join(days, 'old')];
    writeFileSync(foreign[0] ?? '', 'mine');
    for (const folder of foreign.slice(1)) {
      mkdirSync(folder);
      writeFileSync(join(folder, `${newSession()}.jsonl`), 'mine');
    }
    expect((await archive('prune', '--older-than', '1d', '--yes')).stdout).toContain('Deleted 1 session,');
    expect(existsSync(log)).toBe(false);
    expect(readdirSync(join(days, '2020-01-02'))).toHaveLength(2);
    expect(existsSync(precious)).toBe(true);
    expect(foreign.map((path) => existsSync(path))).toEqual([true, true, true]);
  });

  it('leaves an archive alone that is itself a link', async () => {
    const { log } = await archived(docs, '2020-01-02');
    symlinkSync(join(docs.directory, 'archive'), join(shop.directory, 'archive'));
    const own = temporaryDirectory();
    registerProject(own, shop.directory);
    const { stdout } = await runSwitchboard(['archive', 'prune', '--older-than', '1d', '--yes'], { home: own });
    expect(stdout).toContain('No archived session');
    expect(existsSync(log)).toBe(true);
  });

  it('keeps what belongs to a session that lives, also when a damaged log of it was archived long ago', async () => {
    const { store, session, path } = await shop.withSession();
    const day = join(shop.directory, 'archive', '2020-01-02');
    mkdirSync(join(day, session), { recursive: true });
    writeFileSync(join(day, `${session}.corrupt.jsonl`), 'damaged\n');
    expect((await archive('prune', '--older-than', '1d', '--yes')).stdout).toContain('No archived session');
    await store.archive(session, async () => true);
    expect(existsSync(path)).toBe(false);
    expect((await archive('prune', '--older-than', '1d', '--yes')).stdout).toContain('Deleted 1 session,');
    expect(existsSync(day)).toBe(false);
  });
});

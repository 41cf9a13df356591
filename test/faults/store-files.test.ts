import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRecords } from '../support/all-records.ts';
import { givenAnswer, metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../support/records.ts';
import { linesOf, StorePlace } from '../support/store-places.ts';

const STORED = { status: 'stored', repeated: false };

describe('a session file', () => {
  it('is readable by its owner alone, in a directory that git ignores', async () => {
    const place = new StorePlace();
    const { path, store, session } = await place.withSession();
    await store.attach(session, 'a.md', 'text');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(place.directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(place.directory, session)).mode & 0o777).toBe(0o700);
    expect(statSync(join(place.directory, session, 'a.md')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(place.directory, '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(join(place.directory, '.aside'))).toEqual([]);
  });

  it('has no texts beside it that a link leads to, wherever the link stands', async () => {
    const place = new StorePlace();
    const outside = join(place.directory, 'outside');
    const { store, session } = await place.withSession();
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    await store.attach(session, 'files/own.txt', 'own');
    const folder = join(place.directory, session);
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'files/secret.txt'));
    expect(await store.readAttachment(session, `${session}/files/own.txt`)).toBe('own');
    expect(await store.readAttachment(session, `${session}/files/secret.txt`)).toBeNull();
    for (const inPlaceOf of [join(folder, 'files'), folder]) {
      rmSync(inPlaceOf, { recursive: true });
      symlinkSync(outside, inPlaceOf);
      expect(await store.readAttachment(session, `${session}/files/secret.txt`)).toBeNull();
      expect(await store.readAttachment(session, `${session}/secret.txt`)).toBeNull();
    }
  });

  it('takes the next record whole after a torn line of any length', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    await store.append(session, questionDraft(newQuestion(), 'Größe?'));
    const [first, torn] = linesOf(path).map((line) => Buffer.from(`${line}\n`));
    for (let length = 0; length <= torn!.length; length += 1) {
      writeFileSync(path, Buffer.concat([first!, torn!.subarray(0, length)]));
      expect(await store.append(session, noteDraft(length))).toEqual(STORED);
      const types = (await allRecords(store, session)).map((record) => record.type);
      // A line that lacked nothing but its newline is a record again.
      const whole = length >= torn!.length - 1;
      expect(types).toEqual(whole ? ['session_metadata', 'question', 'system'] : ['session_metadata', 'system']);
    }
  });

  it('gives the slot to a torn answer that the next writer completes, and tells that writer so', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    const question = newQuestion();
    await store.append(session, givenAnswer(question, 'first'));
    truncateSync(path, statSync(path).size - 1);
    const second = await place.store().append(session, givenAnswer(question, 'second'));
    expect(second).toMatchObject({ status: 'slot_taken', holder: { answer: 'first' } });
  });

  it('closes with a record that is deleted, or turned into something else, and follows no link', async () => {
    const place = new StorePlace();
    const elsewhere = join(place.directory, 'elsewhere');
    const kinds: Record<string, (path: string) => void> = {
      deleted: () => undefined,
      'a directory': (path) => mkdirSync(path),
      'a link': (path) => symlinkSync(elsewhere, path),
      'a pipe': (path) => execFileSync('mkfifo', [path]),
    };
    for (const [kind, make] of Object.entries(kinds)) {
      const { store, session, path } = await place.withSession();
      await store.append(session, noteDraft(1));
      renameSync(path, elsewhere);
      const size = statSync(elsewhere).size;
      make(path);
      expect(await store.append(session, noteDraft(2)), kind).toEqual({ status: 'closed' });
      expect(await store.read(session, null, 10), kind).toBeNull();
      expect(await store.archive(session, async () => true), kind).toBe('gone');
      expect(await store.archiveCorrupt(session), kind).toBe('gone');
      expect(statSync(elsewhere).size, kind).toBe(size);
      if (kind !== 'deleted') {
        expect(await store.sessions(), kind).not.toContain(session);
        await expect(store.open(session, metadataDraft(session)), kind).rejects.toMatchObject({ code: 'IO' });
        rmSync(path, { recursive: true });
      }
      rmSync(elsewhere);
    }
  });

  it('is read from the start when it was replaced by another, or cut short', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    await store.append(session, noteDraft(1));
    await store.append(session, noteDraft(2));
    const read = (await store.read(session, null, 10))!;
    const lines = linesOf(path);

    truncateSync(path, Buffer.byteLength(`${lines[0]}\n${lines[1]}\n`));
    const cut = await store.read(session, read.cursor, 10);
    expect(cut).toMatchObject({ restarted: true, records: [{}, {}] });
    // The record that was cut away is not taken for stored.
    expect(await store.append(session, noteDraft(2))).toEqual(STORED);

    const longer = [lines[0], ...Array.from({ length: 10 }, () => lines[2]), ''].join('\n');
    writeFileSync(`${path}.new`, longer);
    renameSync(`${path}.new`, path);
    const replaced = await store.read(session, read.cursor, 100);
    expect(replaced).toMatchObject({ restarted: true });
    expect(replaced?.records).toHaveLength(11);
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
    expect(await store.append(session, noteDraft(2))).toEqual({ status: 'stored', repeated: true });
  });

  it('keeps its cursor when a restart is not needed, whatever else lies in the directory', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    for (const name of [
      'notes.txt',
      'x.jsonl',
      `${newSession()}.corrupt.jsonl`,
      `${newSession().toUpperCase()}.jsonl`,
    ]) {
      writeFileSync(join(place.directory, name), 'no session\n');
    }
    expect(await store.sessions()).toEqual([session]);
  });

  it('is read whole past lines of every bad kind, each counted where it begins', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    const begin = statSync(path).size;
    const bad = [
      'not json',
      '{"v":1}',
      '[]',
      'null',
      '{"v":1,"event_id":"x","type":"answer","timestamp":"now"}',
      '\xff\xfe',
    ];
    for (const line of bad) appendFileSync(path, `${line}\n`);
    appendFileSync(path, '\n\r\n  \n');
    await store.append(session, noteDraft(1));
    const read = (await store.read(session, null, 100))!;
    expect(read.records.map((record) => record.type)).toEqual(['session_metadata', 'system']);
    expect(read.unreadable).toHaveLength(bad.length);
    expect(read.unreadable[0]).toEqual({ position: begin, bytes: 9 });
    expect(read.unreadable[1]).toEqual({ position: begin + 9, bytes: 8 });
  });

  it('tolerates the line ends of another system', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    writeFileSync(path, readFileSync(path, 'utf8').replace('\n', '\r\n'));
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
    expect(await allRecords(store, session)).toHaveLength(2);
  });

  it('passes over a line of any length without keeping it in memory', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    appendFileSync(path, 'x'.repeat(24 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
    const read = (await store.read(session, null, 100))!;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
    expect(read.unreadable).toEqual([{ position: expect.any(Number), bytes: 24 * 1024 * 1024 + 1 }]);
    expect(await allRecords(store, session)).toHaveLength(2);
  });

  it('keeps its characters whole wherever a read ends', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    // Over a read of 256 KiB, at any alignment of characters of four bytes.
    const texts = Array.from({ length: 40 }, (_, i) => `${'a'.repeat(i)}${'👋🏽'.repeat(900)}`);
    for (const text of texts) await store.append(session, questionDraft(newQuestion(), text));
    const records = await allRecords(store, session);
    expect(records.map((record) => 'question' in record && record.question)).toEqual([false, ...texts]);
  });
});

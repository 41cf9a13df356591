import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRecords } from '../support/all-records.ts';
import { givenAnswer, metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../support/records.ts';
import { linesOf, StorePlace } from '../support/store-places.ts';

describe('a corrupt session file', () => {
  /** Ruins the metadata line, keeps the rest. */
  function ruinMetadata(path: string): void {
    const [, ...rest] = linesOf(path);
    writeFileSync(path, ['\0'.repeat(100), ...rest, ''].join('\n'));
  }

  it('goes to the archive, and its living owner starts it again with everything that is still readable', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    const question = newQuestion();
    await store.append(session, questionDraft(question));
    const answer = givenAnswer(question, 'yes');
    await store.append(session, answer);
    ruinMetadata(path);
    const kept = linesOf(path).slice(1);

    expect(await store.archiveCorrupt(session)).toBe('archived');
    expect(existsSync(place.archived(`${session}.corrupt.jsonl`))).toBe(true);
    expect(await store.append(session, noteDraft(1))).toEqual({ status: 'closed' });
    await store.open(session, metadataDraft(session));
    expect(linesOf(path).slice(1)).toEqual(kept);
    expect(await store.append(session, answer)).toEqual({ status: 'stored', repeated: true });
    expect(await store.append(session, givenAnswer(question, 'no'))).toMatchObject({ status: 'slot_taken' });
  });

  it('may break again: the archive keeps each, and the last one is salvaged', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    for (const round of [1, 2, 3]) {
      await store.append(session, noteDraft(round));
      ruinMetadata(path);
      await store.archiveCorrupt(session);
      await store.open(session, metadataDraft(session));
    }
    expect((await allRecords(store, session)).map((record) => record.event_id)).toEqual([
      metadataDraft(session).id,
      ...[1, 2, 3].map((round) => noteDraft(round).id),
    ]);
    expect(readdirSync(place.archived('')).sort()).toEqual([
      `${session}.corrupt.2.jsonl`,
      `${session}.corrupt.3.jsonl`,
      `${session}.corrupt.jsonl`,
    ]);
  });

  it('is cleared away by an owner that opens it while it is still in place', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    await store.append(session, noteDraft(1));
    ruinMetadata(path);
    await store.open(session, metadataDraft(session));
    expect((await allRecords(store, session)).map((record) => record.type)).toEqual(['session_metadata', 'system']);
  });

  it('is archived once, however many find it', async () => {
    const place = new StorePlace();
    const { session, path } = await place.withSession();
    writeFileSync(path, '');
    const found = await Promise.all(Array.from({ length: 5 }, () => place.store().archiveCorrupt(session)));
    expect(found.sort()).toEqual(['archived', 'gone', 'gone', 'gone', 'gone']);
  });
});

describe('the archive', () => {
  it('takes the file as it is, with what is attached, and overwrites nothing there', async () => {
    const place = new StorePlace();
    const { store, session, path } = await place.withSession();
    await store.attach(session, 'q.context.md', 'long');
    const bytes = readFileSync(path);
    mkdirSync(place.archived(''), { recursive: true });
    writeFileSync(place.archived(`${session}.2.jsonl`), 'earlier');
    writeFileSync(place.archived(`${newSession()}.jsonl`), 'another');
    expect(await store.archive(session, async () => true)).toBe('archived');
    expect(readFileSync(place.archived(`${session}.jsonl`))).toEqual(bytes);
    expect(readFileSync(place.archived(`${session}/q.context.md`), 'utf8')).toBe('long');
    expect(readFileSync(place.archived(`${session}.2.jsonl`), 'utf8')).toBe('earlier');
    expect(readdirSync(place.directory).sort()).toEqual(['.aside', '.gitignore', '.locks', 'archive']);
    expect(readdirSync(join(place.directory, '.locks'))).toEqual([]);
  });
});

import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import { parseRecord } from '../../src/domain/records.ts';
import type { SessionStore } from '../../src/store/contract.ts';
import { allRecords } from '../support/all-records.ts';
import { metadataDraft, newQuestion, newSession, noteDraft, questionDraft } from '../support/records.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { linesOf, StorePlace } from '../support/store-places.ts';

const STORED = { status: 'stored', repeated: false };

describe('a sessions directory', () => {
  it('that is a file, or lies in one, is refused with what to do, and works once it is mended', async () => {
    const place = new StorePlace();
    const store = place.store();
    const session = newSession();
    writeFileSync(place.directory, 'in the way');
    expect(await store.sessions()).toEqual([]);
    expect(await store.append(session, noteDraft(1))).toEqual({ status: 'closed' });
    await expect(store.open(session, metadataDraft(session))).rejects.toMatchObject({
      code: 'NO_DIRECTORY',
      message: expect.stringContaining(place.directory),
    });
    rmSync(place.directory);
    await store.open(session, metadataDraft(session));
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
  });

  it('that vanishes closes its sessions, and is made again for the next one', async () => {
    const place = new StorePlace();
    const { store, session } = await place.withSession();
    rmSync(place.directory, { recursive: true });
    expect(await store.append(session, noteDraft(1))).toEqual({ status: 'closed' });
    expect(existsSync(place.directory)).toBe(false);
    const next = newSession();
    await store.open(next, metadataDraft(next));
    expect(await store.sessions()).toEqual([next]);
  });

  it('keeps the rights that its user gave it', async () => {
    const place = new StorePlace();
    mkdirSync(place.directory, { recursive: true });
    chmodSync(place.directory, 0o750);
    await place.withSession();
    expect(statSync(place.directory).mode & 0o777).toBe(0o750);
  });
});

describe('a disk', () => {
  it('that is full loses nothing acknowledged, says so, and takes the same record once there is room', async (context) => {
    const place = new StorePlace();
    const disk = join(place.directory, '..', 'disk');
    const small = mountSmallDisk(disk, 'size=160k,mode=700');
    if (!small) return context.skip('SKIPPED: this user may not mount a tmpfs, so a full disk was not tried');
    const { store, session, path } = await new StorePlace(disk).withSession();
    const stored = await fillUp(store, session);
    expect(stored.length).toBeGreaterThan(3);
    const next = questionDraft(newQuestion(), 'y'.repeat(3_000));
    await expect(store.append(session, next)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(store.open(newSession(), metadataDraft(newSession()))).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/disk is full.*Free some space/s),
    });
    small.change('size=1m');
    expect(await store.append(session, next)).toMatchObject({ status: 'stored' });
    const ids = (await allRecords(store, session)).map((record) => record.event_id);
    expect(ids).toEqual(expect.arrayContaining([...stored, next.id]));
    expect(linesOf(path).filter((line) => parseRecord(line) === null).length).toBeLessThanOrEqual(3);
    await store.close();
  });

  it('that may not be written is refused with what to do, and works again once it may', async (context) => {
    const place = new StorePlace();
    const disk = join(place.directory, '..', 'disk');
    const small = mountSmallDisk(disk, 'size=1m,mode=700');
    if (!small) return context.skip('SKIPPED: this user may not mount a tmpfs, so a read-only disk was not tried');
    const { store, session } = await new StorePlace(disk).withSession();
    small.change('ro');
    const refusal = { code: 'NOT_WRITABLE', message: expect.stringContaining('SWITCHBOARD_SESSIONS_DIR') };
    await expect(store.append(session, noteDraft(1))).rejects.toMatchObject(refusal);
    await expect(store.open(newSession(), metadataDraft(newSession()))).rejects.toMatchObject(refusal);
    await expect(store.archive(session, async () => true)).rejects.toMatchObject(refusal);
    await expect(store.attach(session, 'a', 'text')).rejects.toMatchObject(refusal);
    expect(await allRecords(store, session)).toHaveLength(1);
    small.change('rw');
    expect(await store.append(session, noteDraft(1))).toEqual(STORED);
    await store.close();
  });

  /** Appends until the disk is full; returns what was acknowledged. */
  async function fillUp(store: SessionStore, session: SessionId): Promise<string[]> {
    const stored: string[] = [];
    for (let i = 0; i < 1_000; i += 1) {
      const draft = questionDraft(newQuestion(), 'x'.repeat(3_000 + i));
      try {
        await store.append(session, draft);
        stored.push(draft.id);
      } catch (error) {
        expect(error).toMatchObject({ code: 'DISK_FULL' });
        return stored;
      }
    }
    throw new Error('The disk never became full.');
  }
});

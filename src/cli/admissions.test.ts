import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../test/support/silent-log.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { openPairing, PAIRING_MS, readPairing } from '../runtime/pairing.ts';
import { type AdmissionParts, Admissions } from './admissions.ts';

const ann = { channel: 'telegram', id: '7', name: 'Ann' };
const bob = { channel: 'telegram', id: '8', name: 'Bob' };
const T = Date.parse('2026-01-01T12:00:00Z');

let home: string;
let owners: string[];
let now: number;

beforeEach(() => {
  home = temporaryDirectory();
  owners = [];
  now = T;
});

function hub(more: Partial<AdmissionParts> = {}): Admissions {
  return new Admissions({
    home,
    botId: '4242',
    isOwner: (id) => owners.includes(id),
    onOwners: (ids) => {
      owners = [...ids];
    },
    ownersFixed: false,
    log: silentLog,
    now: () => now,
    ...more,
  });
}

const open = (botId = '4242') => openPairing(home, botId, T).code;
const settings = () => JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));

describe('a pairing code', () => {
  it('has 128 bits, fits into a link of Telegram, and only its hash is on disk', () => {
    const code = open();
    expect(code).toMatch(/^p_[A-Za-z0-9_-]{22}$/);
    expect(Buffer.from(code.slice(2), 'base64url')).toHaveLength(16);
    expect(code.length).toBeLessThanOrEqual(64);
    const path = join(home, 'pairing.json');
    expect(readFileSync(path, 'utf8')).not.toContain(code.slice(2));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(open()).not.toBe(code);
  });

  it('does not make an owner again of whoever has used it and was removed since, and does not say so', () => {
    const admissions = hub();
    const code = open();
    expect(admissions.admit(ann, code)).toEqual({ admission: 'admitted' });
    owners = [];
    expect(admissions.admit(ann, code)).toEqual({ admission: 'refused' });
    expect(owners).toEqual([]);
  });

  it('makes an owner of the first who shows it, keeps every other setting, and says who it was', () => {
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_BOT_TOKEN": "4242:x", "SWITCHBOARD_TIMINGS": {"hubIdle": 5}}');
    const admissions = hub();
    const code = open();
    expect(admissions.admit(ann, code)).toEqual({ admission: 'admitted' });
    expect(settings()).toEqual({
      TELEGRAM_BOT_TOKEN: '4242:x',
      SWITCHBOARD_TIMINGS: { hubIdle: 5 },
      TELEGRAM_OWNER_ID: '7',
    });
    expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600);
    expect(owners).toEqual(['7']);
    expect(readPairing(home)).toMatchObject({ taken_by: { id: '7', name: 'Ann' }, outcome: 'owner' });
  });

  it('is good once: for nobody else afterwards', () => {
    const admissions = hub();
    const code = open();
    admissions.admit(ann, code);
    expect(admissions.admit(bob, code)).toEqual({ admission: 'refused' });
    expect(owners).toEqual(['7']);
  });

  it('adds to the owners that are there', () => {
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": [5, "6"]}');
    hub().admit(ann, open());
    expect(settings()).toEqual({ TELEGRAM_OWNER_ID: '5,6,7' });
  });

  it.each([
    ['is wrong', () => 'p_AAAAAAAAAAAAAAAAAAAAAA'],
    ['was replaced by another', () => [open(), open()][0]!],
    ['is for another bot', () => open('999')],
  ])('that %s makes no owner', (_, code) => {
    const shown = code();
    expect(hub().admit(ann, shown)).toEqual({ admission: 'refused' });
    expect(owners).toEqual([]);
  });

  it('expires after ten minutes, and also when the clock was set back', () => {
    const code = open();
    const admissions = hub();
    for (const at of [T + PAIRING_MS, T - PAIRING_MS]) {
      now = at;
      expect(admissions.admit(ann, code)).toEqual({ admission: 'refused' });
    }
    now = T + PAIRING_MS - 1;
    expect(admissions.admit(ann, code)).toEqual({ admission: 'admitted' });
  });

  it('can be tried five times in ten minutes by one person, and thirty times by all', () => {
    const admissions = hub();
    const wrong = 'p_AAAAAAAAAAAAAAAAAAAAAA';
    const tries = (id: string, count: number) =>
      Array.from({ length: count }, () => admissions.admit({ ...bob, id }, wrong).admission);
    expect(tries('8', 6)).toEqual([...Array(5).fill('refused'), 'too_many_attempts']);
    for (let id = 100; id < 125; id += 1) tries(String(id), 1);
    expect(admissions.admit(ann, open())).toEqual({ admission: 'too_many_attempts' });
    expect(owners).toEqual([]);
  });

  it('that comes again from the same person, since a hub died before it could confirm, is the same pairing', () => {
    const code = open();
    const unwritable = hub({ ownersFixed: true });
    expect(unwritable.admit(ann, code)).toMatchObject({ admission: 'failed' });
    now += 2 * PAIRING_MS;
    expect(hub().admit(ann, code)).toEqual({ admission: 'admitted' });
    expect(hub().admit(ann, code)).toEqual({ admission: 'admitted' });
    expect(hub().admit(bob, code)).toEqual({ admission: 'refused' });
    expect(settings()).toEqual({ TELEGRAM_OWNER_ID: '7' });
  });

  it('is not used up by somebody who is an owner already', () => {
    owners = ['7'];
    const code = open();
    expect(hub().admit(ann, code)).toEqual({ admission: 'owner_already' });
    expect(hub().admit(bob, code)).toEqual({ admission: 'admitted' });
  });

  it('says why when config.json cannot take the owner, and leaves that file as it is', () => {
    const path = join(home, 'config.json');
    writeFileSync(path, 'not json');
    const result = hub().admit(ann, open());
    expect(result).toMatchObject({ admission: 'failed', message: expect.stringContaining('config.json') });
    expect(readFileSync(path, 'utf8')).toBe('not json');
    expect(owners).toEqual([]);
    expect(readPairing(home)?.outcome).toEqual({ failed: expect.stringContaining('not readable') });
  });

  it('that was damaged on disk makes nobody an owner', () => {
    const code = open();
    writeFileSync(join(home, 'pairing.json'), '{"v":1,');
    expect(hub().admit(ann, code)).toEqual({ admission: 'refused' });
  });
});

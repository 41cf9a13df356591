import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { changeOwners, readOwners } from './owners-file.ts';

const add = (id: string) => (ids: readonly string[]) => [...ids, id];

describe('owners in config.json', () => {
  it('are written where there was no file, for nobody else to read', () => {
    const home = join(temporaryDirectory(), 'new');
    expect(readOwners(join(home, '..'))).toEqual([]);
    expect(changeOwners(home, add('7'))).toEqual(['7']);
    expect(readFileSync(join(home, 'config.json'), 'utf8')).toBe('{\n  "TELEGRAM_OWNER_ID": "7"\n}\n');
    expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600);
    expect(readOwners(home)).toEqual(['7']);
  });

  it('stay in a file that is kept elsewhere and linked to', () => {
    const home = temporaryDirectory();
    const real = join(temporaryDirectory(), 'settings.json');
    writeFileSync(real, '{"TELEGRAM_CHAT_ID": -100}');
    symlinkSync(real, join(home, 'config.json'));
    changeOwners(home, add('7'));
    expect(lstatSync(join(home, 'config.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ TELEGRAM_CHAT_ID: -100, TELEGRAM_OWNER_ID: '7' });
  });

  it('are taken out again, the key with the last of them', () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": 7, "HTTPS_PROXY": "http://p"}');
    expect(changeOwners(home, (ids) => ids.filter((id) => id !== '7'))).toEqual([]);
    expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({ HTTPS_PROXY: 'http://p' });
  });

  it('are changed in what the file says now, when somebody else writes it at the same time', () => {
    const home = temporaryDirectory();
    const path = join(home, 'config.json');
    let calls = 0;
    changeOwners(home, (ids) => {
      calls += 1;
      if (calls === 1) writeFileSync(path, '{"TELEGRAM_OWNER_ID": "8"}');
      return [...ids, '7'];
    });
    expect(readOwners(home)).toEqual(['8', '7']);
  });

  it('that do not change leave the file alone', () => {
    const home = temporaryDirectory();
    const text = '{ "TELEGRAM_OWNER_ID":"7" }';
    writeFileSync(join(home, 'config.json'), text);
    changeOwners(home, add('7'));
    expect(readFileSync(join(home, 'config.json'), 'utf8')).toBe(text);
  });
});

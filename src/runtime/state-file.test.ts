import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../test/support/silent-log.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { StateFile } from './state-file.ts';

describe('a state file', () => {
  it('keeps sections over a restart, for nobody else to read', () => {
    const path = join(temporaryDirectory(), 'telegram.json');
    const before = new StateFile(path, silentLog);
    before.set('mutes', { 7: 1 });
    before.set('topics', []);
    expect(new StateFile(path, silentLog).get('mutes')).toEqual({ 7: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{"mutes": {', '[1]', 'null'])(
    'that is damaged (%j) counts as empty and can be written again',
    (text) => {
      const path = join(temporaryDirectory(), 'telegram.json');
      writeFileSync(path, text);
      const state = new StateFile(path, silentLog);
      expect(state.get('mutes')).toBeUndefined();
      state.set('mutes', {});
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ mutes: {} });
    },
  );

  it('that cannot be written keeps what was set as long as the hub lives', () => {
    const state = new StateFile(join(temporaryDirectory(), 'missing', 'telegram.json'), silentLog);
    state.set('mutes', { 7: 1 });
    expect(state.get('mutes')).toEqual({ 7: 1 });
  });
});

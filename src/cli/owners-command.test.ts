import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { readOwners } from '../runtime/owners-file.ts';
import { openPairing, readPairing, writePairing } from '../runtime/pairing.ts';
import { removeOwner } from './owners-command.ts';

describe('an owner who is removed', () => {
  it('does not come back by the code that made an owner of them', () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'config.json'), '{"TELEGRAM_OWNER_ID": "7,8"}', { mode: 0o600 });
    const { pairing } = openPairing(home, '4242', Date.now());
    writePairing(home, { ...pairing, taken_by: { id: '7', name: 'Ada' } });
    expect(removeOwner({ home }, '7')).toBe(0);
    expect(readOwners(home)).toEqual(['8']);
    expect(readPairing(home)).toBeNull();
  });
});

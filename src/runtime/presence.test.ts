import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { parseSessionId } from '../domain/ids.ts';
import { isAway } from '../domain/presence.ts';
import { readPresence, setPresence } from './presence.ts';

const ONE = parseSessionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11');
const TWO = parseSessionId('0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c12');

describe('where the person is', () => {
  it('is at the desk until somebody says otherwise', () => {
    expect(isAway(readPresence(temporaryDirectory()), ONE)).toBe(false);
  });

  it('is kept for all sessions and for single ones, readable by nobody else', () => {
    const home = temporaryDirectory();
    setPresence(home, true);
    setPresence(home, false, ONE);
    expect([ONE, TWO].map((id) => isAway(readPresence(home), id))).toEqual([false, true]);
    expect(statSync(join(home, 'presence.json')).mode & 0o777).toBe(0o600);
    expect(setPresence(home, false)).toEqual({ away: false, sessions: {} });
    expect([ONE, TWO].map((id) => isAway(readPresence(home), id))).toEqual([false, false]);
  });

  it.each(['', 'null', '[]', '{"away":"yes","sessions":7}', '{"sessions":{"a":"b"}}'])(
    'survives a file that holds %s',
    (text) => {
      const home = temporaryDirectory();
      writeFileSync(join(home, 'presence.json'), text);
      expect(readPresence(home)).toEqual({ away: false, sessions: {} });
    },
  );
});

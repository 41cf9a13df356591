import { expect, it } from 'vitest';
import { printable } from './terminal.ts';

it('lets no text of others move the cursor, ring, forge a line or turn the direction of writing', () => {
  expect(printable('a\u001b[2Jb\u0007\rc\tä\n→ 🙂')).toBe('a␛[2Jb␇␍c  ä\n→ 🙂');
  expect(printable('\u009b31m\u202egnp.exe\u2066\ud800')).toBe('\uFFFD31m\uFFFDgnp.exe\uFFFD\uFFFD');
});

import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { placeOf } from './mcp-command.ts';

describe('the sessions directory of a project', () => {
  it('may lie in the root of the file system, and below names that begin with two dots', () => {
    const project = realpathSync(temporaryDirectory());
    const sessions = join(project, '..planning', 'telegram-sessions');
    mkdirSync(sessions, { recursive: true });
    expect(placeOf(sessions, '/')).toBe(sessions);
    expect(placeOf(sessions, project)).toBe(sessions);
  });

  it('may not lie beside the project, whatever that is called', () => {
    const place = realpathSync(temporaryDirectory());
    const project = join(place, 'shop');
    for (const name of ['shop', 'shop-2']) mkdirSync(join(place, name));
    symlinkSync('../shop-2', join(project, '.planning'));
    expect(() => placeOf(join(project, '.planning', 'telegram-sessions'), project)).toThrow(/leads out of the project/);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('exit status', () => {
  const cases: [args: string[], code: number, why: string][] = [
    [['--version'], 0, 'a question answered'],
    [['--help'], 0, 'help that was asked for'],
    [['answer', '--help'], 0, 'help that was asked for'],
    [['status'], 0, 'a status, whatever it says'],
    [['answer', 'ffffffff', 'yes'], 1, 'a question that nobody asks'],
    [['log', 'ffffffff'], 1, 'a session that is not there'],
    [[], 2, 'no command'],
    [['serve'], 2, 'an unknown command'],
    [['status', '--yaml'], 2, 'an unknown option'],
    [['log'], 2, 'a missing argument'],
    [['answer', 'no id', 'yes'], 2, 'what cannot be an id'],
  ];
  it.each(cases)('of `switchboard %j` is %i: %s', async (args, code) => {
    expect((await runSwitchboard(args, { home: temporaryDirectory() })).code).toBe(code);
  });

  it('of an impossible setting is 2', async () => {
    const home = temporaryDirectory();
    expect((await runSwitchboard(['status'], { home, env: { TELEGRAM_OWNER_ID: 'ann' } })).code).toBe(2);
  });

  it('of a hub that is not needed, and of one that was asked to end, is 0', async () => {
    const home = temporaryDirectory();
    const first = startSwitchboard(['hub'], { home });
    await first.printed(/Switchboard hub/);
    expect((await runSwitchboard(['hub'], { home })).code).toBe(0);
    first.child.kill('SIGTERM');
    expect(await first.ended()).toBe(0);
  });

  it('of a hub whose home cannot be used is 1', async () => {
    const home = join(temporaryDirectory(), 'a plain file');
    writeFileSync(home, '');
    const { code, stderr } = await runSwitchboard(['hub'], { home, cwd: '/' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^switchboard: .*a plain file cannot be used [^\n]+\n$/);
  });
});

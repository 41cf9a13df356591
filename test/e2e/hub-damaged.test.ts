import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerProject } from '../../src/runtime/projects.ts';
import { PROGRAM } from '../support/build.ts';
import { hubLogged, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('a hub', () => {
  it('that cannot start after it was elected ends, says why, and makes room for a sound one', async () => {
    const home = temporaryDirectory();
    const broken = temporaryDirectory();
    cpSync(dirname(PROGRAM), broken, { recursive: true });
    for (const name of readdirSync(broken)) if (name.startsWith('hub-service')) rmSync(join(broken, name));
    const program = join(broken, 'switchboard.js');
    expect(await runSwitchboard(['hub', '--background'], { home, program })).toMatchObject({ code: 1 });
    await hubLogged(home, /could not start/);
    startSwitchboard(['hub', '--background'], { home });
    await hubLogged(home, /hub started/);
  });

  it('serves all other projects when one of them cannot be reached', async () => {
    const home = temporaryDirectory();
    const loop = join(home, 'loop');
    symlinkSync(loop, loop);
    registerProject(home, loop);
    const sound = join(home, 'sound');
    mkdirSync(sound);
    registerProject(home, sound);
    startSwitchboard(['hub', '--background'], { home });
    await hubLogged(home, /hub started/);
    expect(await hubLogged(home, /following a sessions directory/)).toMatchObject({ directory: sound });
    expect(await runSwitchboard(['status'], { home })).toMatchObject({ code: 0, stderr: '' });
  });

  it('is read by nobody for long: a reader that leaves early ends a command in silence', async () => {
    const home = temporaryDirectory();
    const command = startSwitchboard(['status', '--json'], { home });
    command.child.stdout?.destroy();
    expect(await command.ended()).toBe(0);
    expect(command.stderr).toBe('');
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAM } from '../support/build.ts';
import { newcomer } from '../support/newcomer.ts';
import { hubLogged, kill, runSwitchboard, startSwitchboard } from '../support/switchboard.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

it('uninstall does not say that a hub has ended that does not end', async () => {
  const ada = await newcomer();
  const program = join(ada.person, 'deaf.mjs');
  writeFileSync(
    program,
    `const on = process.on.bind(process);
    process.on = (event, heard) => on(event, event === 'SIGTERM' ? () => undefined : heard);
    await import(${JSON.stringify(PROGRAM)});`,
  );
  const hub = startSwitchboard(['hub'], { ...ada.options, program });
  await hubLogged(ada.home, /hub started/);
  const { code, stdout, stderr } = await ada.runs(['uninstall', '--yes']);
  expect(code).toBe(1);
  expect(stderr + stdout).toContain(`The hub was asked to end and runs still; to end it: kill -9 ${hub.pid}`);
  expect(stdout).not.toContain('The hub has ended');
  kill(hub.pid, 'SIGKILL');
});

it('web waits for a hub that is slow to start, instead of saying that none can be started', async () => {
  const home = join(temporaryDirectory(), 'home');
  const program = join(temporaryDirectory(), 'slow.mjs');
  writeFileSync(
    program,
    `if (process.argv[2] === 'hub') await new Promise((resolve) => setTimeout(resolve, 5_000));
    await import(${JSON.stringify(PROGRAM)});`,
  );
  const { code, stdout, stderr } = await runSwitchboard(['web'], { home, program });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('?token=');
});

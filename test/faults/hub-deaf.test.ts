import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAM } from '../support/build.ts';
import { newcomer } from '../support/newcomer.ts';
import { hubLogged, kill, startSwitchboard } from '../support/switchboard.ts';

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

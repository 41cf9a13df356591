import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/build.ts';
import { claudeDesk } from '../support/claude-code.ts';
import { claudeProgram } from '../support/claude-program.ts';
import { fenced, page, ROOT } from '../support/docs.ts';
import { says, uses } from '../support/messages-api/scripted-model.ts';
import { openCard } from '../support/phone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PLUGIN = join(ROOT, 'plugin');

/** A directory with the `switchboard` command, as `npm install -g` makes one. */
function installedCommand(): string {
  const bin = join(temporaryDirectory(), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'switchboard'), `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
  chmodSync(join(bin, 'switchboard'), 0o755);
  return bin;
}

describe('the plugin', () => {
  it.each([[PLUGIN], [ROOT]])('passes `claude plugin validate` in %s', (directory) => {
    const { status, stdout } = spawnSync(claudeProgram(), ['plugin', 'validate', '--strict', directory], {
      env: { HOME: temporaryDirectory(), PATH: process.env.PATH ?? '' },
      encoding: 'utf8',
    });
    expect(stdout).toContain('Validation passed');
    expect(status).toBe(0);
  });

  it('is installed by the lines of the page, as they are written there', () => {
    const lines = fenced(page('docs/claude-code.md'), 'sh').flatMap((block) =>
      block.split('\n').filter((line) => line.startsWith('claude plugin ')),
    );
    expect(lines).toHaveLength(2);
    const bin = join(temporaryDirectory(), 'bin');
    mkdirSync(bin);
    symlinkSync(claudeProgram(), join(bin, 'claude'));
    const env = { HOME: temporaryDirectory(), PATH: `${bin}:${process.env.PATH ?? ''}` };
    const run = (line: string) => spawnSync('/bin/sh', ['-c', line], { cwd: ROOT, env, encoding: 'utf8' });
    for (const line of lines) expect(run(line)).toMatchObject({ status: 0, stderr: '' });
    expect(run('claude plugin list').stdout).toContain('switchboard@claude-switchboard');
  });

  it('brings tools, hooks, skill and agent: a permission of a run is asked on the phone, once', async () => {
    const desk = await claudeDesk();
    const { api, owner, messages, place } = desk;
    const model = messages.model(
      uses('Bash', { command: 'touch one', description: 'a try' }),
      uses('mcp__plugin_switchboard_switchboard__ask_blocking_question', { question: 'Which port?' }),
      ({ toolResult }) => says(`Got: ${toolResult}`),
    );
    const bin = installedCommand();
    const env = { ...desk.env, PATH: `${bin}:${process.env.PATH}`, SWITCHBOARD_TIMINGS: JSON.stringify(desk.timings) };
    const printed = desk.print('go', { model, env, args: ['--plugin-dir', PLUGIN], server: false });
    owner.presses(await openCard(api, owner, 'touch one'), 'Allow once');
    owner.says('8080', { replyTo: await openCard(api, owner, 'Which port?') });
    expect((await printed).stdout).toMatch(/Got: .*8080/);
    expect(existsSync(join(place.project, 'one'))).toBe(true);
    const sent = JSON.stringify(model.requests[0]?.body);
    expect(sent).toContain('switchboard:asking-well');
    expect(sent).toContain('session-debugger');
    expect(sent).not.toContain('claude_code_hook');
    expect(sent).not.toContain('permission_prompt');
  });

  it('fails with a word that says so when the command is not installed', async () => {
    const desk = await claudeDesk();
    const home = temporaryDirectory();
    const path = '/usr/bin:/bin';
    const listed = execFileSync(claudeProgram(), ['--plugin-dir', PLUGIN, 'mcp', 'list'], {
      env: { HOME: home, PATH: path, SWITCHBOARD_HOME: desk.place.home },
      cwd: desk.place.project,
      encoding: 'utf8',
    });
    expect(listed).toMatch(/plugin:switchboard:switchboard: switchboard mcp .*Failed to connect/);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { claudeHooks } from '../../mcp/hooks/hook-settings.ts';
import { checkHooks, checkNode, checkRegistration, checkWaiting } from './claude-checks.ts';

function claudeDirectory(state?: unknown, settings?: unknown): NodeJS.ProcessEnv {
  const directory = temporaryDirectory();
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  if (state !== undefined) write('.claude.json', state);
  if (settings !== undefined) write('settings.json', settings);
  return { CLAUDE_CONFIG_DIR: directory };
}

const registered = (command: string, ...args: string[]) =>
  checkRegistration(claudeDirectory({ mcpServers: { switchboard: { command, args } } }));

describe('the check of the registration', () => {
  it('fails when there is none, and when what it starts is gone', () => {
    expect(checkRegistration(claudeDirectory())).toMatchObject({
      status: 'fail',
      detail: 'Claude Code does not know Switchboard',
      next: 'Register it: switchboard setup',
    });
    expect(checkRegistration(claudeDirectory('{'))).toMatchObject({ status: 'fail' });
    expect(registered(process.execPath, '/gone/switchboard.js', 'mcp')).toMatchObject({
      status: 'fail',
      detail: '/gone/switchboard.js is not there any more',
    });
  });

  it('warns of npx, of another program, and of one that only some projects have', () => {
    expect(registered('npx', '-y', 'claude-switchboard', 'mcp')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('costs seconds'),
    });
    expect(registered(process.execPath, '/etc/hostname', 'mcp')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('something else than this program'),
    });
    const project = { mcpServers: { switchboard: { command: 'switchboard', args: ['mcp'] } } };
    expect(checkRegistration(claudeDirectory({ projects: { '/srv/shop': project } }))).toMatchObject({
      status: 'warn',
      detail: 'not for all projects, only in /srv/shop',
    });
  });

  it('is content with this program by absolute paths', () => {
    expect(registered(process.execPath, process.argv[1] ?? '', 'mcp')).toMatchObject({ status: 'ok' });
  });
});

describe('the check of waiting', () => {
  it('looks for the setting in settings and environment', () => {
    const set = { env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0' } };
    expect(checkWaiting(claudeDirectory(undefined, set))).toMatchObject({ status: 'ok' });
    expect(checkWaiting({ ...claudeDirectory(), CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '0' })).toMatchObject({
      status: 'ok',
    });
    for (const settings of [undefined, {}, { env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '120000' } }, '{"a"']) {
      expect(checkWaiting(claudeDirectory(undefined, settings))).toMatchObject({ status: 'warn' });
    }
  });
});

describe('the check of the hooks', () => {
  const plugin = { enabledPlugins: { 'switchboard@market': true } };
  const hooks = claudeHooks('switchboard');
  const examined = (settings: unknown) => checkHooks(claudeDirectory(undefined, settings));

  it('wants those of this version', () => {
    expect(examined({ hooks })).toMatchObject({ status: 'ok' });
    expect(examined({ hooks: { ...hooks, Stop: [{ hooks: [] }, ...(hooks.Stop ?? [])] } })).toMatchObject({
      status: 'ok',
    });
    expect(examined({})).toMatchObject({ status: 'warn', next: 'To have them on your phone: switchboard setup' });
    const { Stop: _, ...some } = hooks;
    expect(examined({ hooks: some })).toMatchObject({ status: 'warn', next: 'Renew them: switchboard setup' });
    expect(examined({ hooks: [] })).toMatchObject({ status: 'warn', detail: expect.stringContaining('is no object') });
  });

  it('is content with those of the plugin, which needs no registration, and warns of both', () => {
    const entry = { mcpServers: { switchboard: { command: process.execPath, args: [process.argv[1] ?? '', 'mcp'] } } };
    expect(examined(plugin)).toMatchObject({ status: 'ok' });
    expect(checkRegistration(claudeDirectory(undefined, plugin))).toMatchObject({
      status: 'ok',
      detail: 'by the plugin switchboard@market',
    });
    for (const finding of [examined({ ...plugin, hooks }), checkRegistration(claudeDirectory(entry, plugin))]) {
      expect(finding).toMatchObject({ status: 'warn', next: expect.stringContaining('keep one') });
    }
    const off = { enabledPlugins: { 'switchboard@market': false } };
    expect(checkRegistration(claudeDirectory(undefined, off))).toMatchObject({ status: 'fail' });
  });
});

describe('the check of Node', () => {
  it('is content with the one that runs it', () => {
    expect(checkNode()).toEqual({ id: 'node', title: 'Node', status: 'ok', detail: process.versions.node });
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { checkNode, checkRegistration, checkWaiting } from './claude-checks.ts';

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
    expect(checkRegistration(claudeDirectory({ projects: { '/work/shop': project } }))).toMatchObject({
      status: 'warn',
      detail: 'not for all projects, only in /work/shop',
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

describe('the check of Node', () => {
  it('is content with the one that runs it', () => {
    expect(checkNode()).toEqual({ id: 'node', title: 'Node', status: 'ok', detail: process.versions.node });
  });
});

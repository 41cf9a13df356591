import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { claudeHooks } from '../../src/mcp/hooks/hook-settings.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function json(path: string) {
  return JSON.parse(readFileSync(resolve(ROOT, path), 'utf8'));
}

describe('the plugin', () => {
  it('has the hooks that the program gives, for the server as a plugin has it', async () => {
    // `npx vitest run test/docs/plugin.test.ts -u` writes the file.
    const hooks = {
      description: 'Tell the Switchboard server of this session what happens; they start no process.',
      hooks: claudeHooks('plugin:switchboard:switchboard'),
    };
    await expect(`${JSON.stringify(hooks, null, 2)}\n`).toMatchFileSnapshot('../../plugin/hooks/hooks.json');
  });

  it('has the version of the program, and starts it', () => {
    expect(json('plugin/.claude-plugin/plugin.json')).toMatchObject({
      name: 'switchboard',
      version: json('package.json').version,
    });
    expect(json('plugin/.mcp.json')).toEqual({
      mcpServers: { switchboard: { command: Object.keys(json('package.json').bin)[0], args: ['mcp'] } },
    });
    expect(json('.claude-plugin/marketplace.json').plugins).toMatchObject([
      { name: 'switchboard', source: './plugin' },
    ]);
  });

  it('asks hooks to wait for a person only where one is asked', () => {
    const timeouts = Object.entries(claudeHooks('switchboard')).map(([event, [group]]) => [
      event,
      group?.hooks[0]?.timeout,
    ]);
    expect(Object.fromEntries(timeouts)).toEqual({
      PermissionRequest: 86_400,
      PostToolUse: 10,
      PostToolUseFailure: 10,
      PostToolBatch: 10,
      UserPromptSubmit: 10,
      Stop: 86_400,
      SubagentStop: 10,
      Notification: 10,
      TaskCreated: 10,
      TaskCompleted: 10,
    });
    expect(claudeHooks('switchboard').PostToolUse?.[0]?.hooks[0]).toEqual({
      type: 'mcp_tool',
      server: 'switchboard',
      tool: 'claude_code_hook',
      input: {
        event: 'PostToolUse',
        ...Object.fromEntries(
          ['session_id', 'agent_id', 'tool_name', 'tool_input'].map((name) => [name, `\${${name}}`]),
        ),
      },
      timeout: 10,
    });
  });
});

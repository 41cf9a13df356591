import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runningIn, until } from '../../test/support/switchboard.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { runClaude, withoutClaude } from './claude-code.ts';

/** Puts a shell script onto the PATH as `claude`. */
function claudeIs(script: string): void {
  const bin = temporaryDirectory();
  writeFileSync(join(bin, 'claude'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a run of the claude command', () => {
  it('ends by itself, with what was said and without the token of the bot', async () => {
    vi.stubEnv('TELEGRAM_BOT_TOKEN', '4242:hush');
    claudeIs('echo "out $1 $TELEGRAM_BOT_TOKEN"; echo err >&2; exit 3');
    expect(await runClaude(['mcp'])).toEqual({ code: 3, stdout: 'out mcp \n', stderr: 'err\n' });
    vi.stubEnv('PATH', temporaryDirectory());
    expect(await runClaude(['mcp'])).toEqual({ code: 'missing', stdout: '', stderr: '' });
  });

  it('is cut off when it hangs, with all that it has started, though it ignores being asked to end', async () => {
    const home = temporaryDirectory();
    vi.stubEnv('SWITCHBOARD_HOME', home); // By which its processes are found.
    claudeIs("trap '' TERM INT; echo begun; sleep 613 & wait");
    const { code, stdout, stderr } = await runClaude(['mcp'], { ms: 300 });
    expect([code, stderr]).toEqual(['cut off', 'it did not end within 0.3 s']);
    expect(stdout).toBe('begun\n');
    await until(
      () => runningIn(home).length === 0,
      () => 'the end of all that it has started',
    );
  });
});

describe('a Claude Code that is missing', () => {
  it('is not had by a line that brings an old one on the oldest Node that is promised', () => {
    for (const claude of [{ found: 'missing' }, { found: 'failing', said: 'no' }] as const) {
      const { next } = withoutClaude(claude);
      expect(next).toContain('its own installer');
      expect(next).toContain('needs Node 22');
      expect(next).not.toContain('npm install');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { sessionGrant } from './session-grant.ts';

const SET_MODE = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };
const rules = (...contents: (string | undefined)[]) => ({
  type: 'addRules',
  rules: contents.map((ruleContent) => ({ toolName: 'Bash', ...(ruleContent ? { ruleContent } : {}) })),
  behavior: 'allow',
  destination: 'localSettings',
});
const exact = (command: string) => ({ ...rules(command), destination: 'session' });

describe('what "for this session" grants', () => {
  it("is what Claude Code suggests, for this session only, in its rules' words", () => {
    expect(sessionGrant('Bash', { command: 'curl x | sh' }, [rules('curl *', 'sh')])).toEqual({
      words: 'Bash(curl *), Bash(sh)',
      updates: [{ ...rules('curl *', 'sh'), destination: 'session' }],
    });
    const rule = {
      type: 'addRules',
      rules: [{ toolName: 'mcp__shop__buy' }],
      behavior: 'allow',
      destination: 'localSettings',
    };
    expect(sessionGrant('mcp__shop__buy', {}, [rule])).toEqual({
      words: 'mcp__shop__buy',
      updates: [{ ...rule, destination: 'session' }],
    });
  });

  it('is the one command where Claude Code would allow all edits, or says nothing', () => {
    const command = 'touch a';
    for (const suggestions of [[SET_MODE], [{ type: 'addDirectories', directories: ['/a'] }, SET_MODE], null]) {
      expect(sessionGrant('Bash', { command }, suggestions)).toEqual({
        words: 'Bash(touch a)',
        updates: [exact(command)],
      });
    }
    expect(sessionGrant('Bash', { command: `touch ${'a'.repeat(200)}` }, [SET_MODE])?.words).toBe('this exact command');
  });

  it('is the one command when that is dangerous: a rule for all of its kind would let the next one pass unasked', () => {
    const command = 'git push --force';
    expect(sessionGrant('Bash', { command }, [rules('git push *')], true)).toEqual({
      words: 'Bash(git push --force)',
      updates: [exact(command)],
    });
    expect(sessionGrant('Bash', { command: 'curl x*y | sh' }, [rules('curl *', 'sh')], true)).toBeNull();
  });

  it('is nothing when it is too long for a card to show: nobody would see all of what is granted', () => {
    const many = rules(...Array.from({ length: 100 }, (_, n) => `curl https://${n}.example.org/ *`));
    expect(sessionGrant('Bash', { command: 'curl x | sh' }, [many])).toBeNull();
  });

  it('is all edits, in the words of the card, for an edit', () => {
    const directories = { type: 'addDirectories', directories: ['/tmp/exp'], destination: 'session' };
    expect(sessionGrant('Write', {}, [SET_MODE, directories])).toEqual({
      words: 'every edit of a file in the project (accept-edits mode); work in /tmp/exp',
      updates: [SET_MODE, directories],
    });
  });

  it.each([
    ['nothing is suggested', 'Bash', { command: 'echo $(date)' }, []],
    ['a wildcard would allow more than the command', 'Bash', { command: 'rm *.txt' }, [SET_MODE]],
    ['it is several commands', 'Bash', { command: 'rm -rf a && true' }, [SET_MODE]],
    ['it is a script', 'Bash', { command: 'a\nb' }, [SET_MODE]],
    ['nothing is known of it', 'Edit', {}, null],
    ['a suggestion is not understood', 'Edit', {}, [SET_MODE, { type: 'removeRules' }]],
    ['a mode would allow everything', 'Edit', {}, [{ ...SET_MODE, mode: 'bypassPermissions' }]],
    ['a rule denies', 'WebFetch', {}, [{ ...rules('x'), behavior: 'deny' }]],
    ['a rule is none', 'WebFetch', {}, [{ type: 'addRules', rules: [7], behavior: 'allow' }]],
  ])('is not offered when %s', (_why, tool, input, suggestions) => {
    expect(sessionGrant(tool, input, suggestions)).toBeNull();
  });
});

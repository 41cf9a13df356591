import { describe, expect, it } from 'vitest';
import { type FileNow, inputHash, permissionText } from './permission-card.ts';

function card(tool: string, input: object, files: Record<string, FileNow> = {}) {
  const asked = { tool, input: { ...input }, cwd: '/srv/shop', agent: '' };
  return permissionText(asked, (path) => files[path] ?? null);
}

const HERE = '\n\nDirectory: /srv/shop';

describe('what a permission card says', () => {
  it('shows a command whole, with its options and in a block that it cannot end', () => {
    const { question, context } = card('Bash', { command: 'echo "```"\nls', timeout: 5, description: 'lists\nfiles' });
    expect(question).toBe('May I run a command?');
    expect(context).toBe(
      `\`\`\`\`sh\necho "\`\`\`"\nls\n\`\`\`\`\n\`\`\`json\n{\n  "timeout": 5\n}\n\`\`\`\n\nWhy, in Claude's words: lists files\nDirectory: /srv/shop`,
    );
  });

  it('shows what would not be seen', () => {
    const { context } = card('Bash', { command: 'echo a\u202eb\u200bc\u001b[8m\rd' });
    expect(context).toContain('echo a\\u{202e}b\\u{200b}c\\u{1b}[8m\\u{d}d');
  });

  it('says what a file is called, whatever is in its name', () => {
    const forged = '/srv/shop/a\u202e**b**\n```\nharmless\n```';
    const { question, context } = card('Write', { file_path: forged, content: 'evil' });
    expect(question).toBe('Write ```` a\\u{202e}**b** ``` harmless ``` ````?');
    expect(context).toBe(
      `A new file of 1 line: \`\`\`\` a\\u{202e}**b**\\u{a}\`\`\`\\u{a}harmless\\u{a}\`\`\` \`\`\`\`\n\`\`\`\nevil\n\`\`\`${HERE}`,
    );
  });

  it('shows an edit as a diff', () => {
    const edit = { file_path: '/srv/shop/src/a.ts', old_string: 'one\ntwo\nthree', new_string: 'one\n2\nthree' };
    expect(card('Edit', edit)).toEqual({
      question: 'Edit src/a.ts?',
      context: `File: /srv/shop/src/a.ts\n\`\`\`diff\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n\\ No newline at end of file\n\`\`\`${HERE}`,
    });
    expect(card('Edit', { ...edit, replace_all: true }).context).toContain('Everywhere in the file:');
  });

  it('shows every edit of several', () => {
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: 'c', new_string: 'd', replace_all: true },
    ];
    const { context } = card('MultiEdit', { file_path: '/elsewhere/a.ts', edits });
    for (const line of ['-a', '+b', '-c', '+d', '/elsewhere/a.ts']) expect(context).toContain(line);
  });

  it('tells a new file from one that is replaced, and shows what changes', () => {
    const write = { file_path: '/srv/shop/a.ts', content: 'one\n2\n' };
    expect(card('Write', write)).toEqual({
      question: 'Write a.ts?',
      context: `A new file of 2 lines: a.ts\n\`\`\`\none\n2\n\`\`\`${HERE}`,
    });
    const replaced = card('Write', write, { '/srv/shop/a.ts': { text: 'one\ntwo\nthree\n' } });
    expect(replaced.question).toBe('Overwrite a.ts?');
    expect(replaced.context).toContain('Replaces the whole of a.ts (3 lines by 2 lines):');
    expect(replaced.context).toContain('-two\n-three\n+2');
    const unreadable = card('Write', write, { '/srv/shop/a.ts': { text: null } });
    expect(unreadable.context).toContain('Replaces the whole of a.ts (2 lines):\n```\none\n2\n```');
  });

  it.each([
    [
      'NotebookEdit',
      { notebook_path: '/srv/shop/a.ipynb', cell_id: 'c1', new_source: 'x = 1' },
      'Edit a.ipynb?',
      'x = 1',
    ],
    ['WebFetch', { url: 'https://x.example/a', prompt: 'sum up' }, 'May I fetch a page of x.example?', 'sum up'],
    ['mcp__shop__buy', { item: 7 }, 'May I use buy of shop?', '"item": 7'],
    ['ExitPlanMode', { plan: '# Plan' }, 'Shall I go on with this plan?', '# Plan'],
    ['Read', { file_path: '/etc/hosts' }, 'May I use Read?', '/etc/hosts'],
    ['Bash', {}, 'May I run a command?', 'null'],
    ['Edit', { edits: 7 }, 'Edit ?', 'File: '],
  ])('says what %s does', (tool, input, question, words) => {
    const text = card(tool, input);
    expect(text.question).toBe(question);
    expect(text.context).toContain(words);
  });

  it('does not compare texts for minutes', () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `${n} ${'x'.repeat(10)}`);
    const edit = { file_path: '/srv/shop/a', old_string: lines.join('\n'), new_string: lines.toReversed().join('\n') };
    expect(card('Edit', edit).context).toMatch(/Too much to compare\. This:[\s\S]*instead of:/);
  });
});

describe('the hash of an input', () => {
  it('is that of its content, in whatever order its fields stand', () => {
    expect(inputHash({ a: 1, b: [{ c: 2, d: null }] })).toBe(inputHash({ b: [{ d: null, c: 2 }], a: 1 }));
    expect(inputHash({ a: 1 })).not.toBe(inputHash({ a: '1' }));
    expect(inputHash({ a: [1, 2] })).not.toBe(inputHash({ a: [2, 1] }));
  });
});

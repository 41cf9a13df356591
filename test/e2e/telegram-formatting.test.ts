import { beforeEach, describe, expect, it } from 'vitest';
import { buttonTexts } from '../support/bot-api/person.ts';
import { ann, api, desk, line, lineForEachTest } from '../support/telegram-line.ts';

lineForEachTest();
beforeEach(() => {
  line.start();
});

const types = (message = line.last()) => (message.entities ?? []).map(({ type }) => type);
/** What the entities of a type cover. */
const covered = (type: string, message = line.last()) =>
  (message.entities ?? [])
    .filter((entity) => entity.type === type)
    .map(({ offset, length }) => message.text!.slice(offset, offset + length));

describe('formatting', () => {
  it('of a question arrives as entities: bold, code, fenced code, links, lists and headings', async () => {
    const question =
      '## Migration\nRun **now** with `--force`? See [the plan](https://example.org/plan).\n\n' +
      '- first\n- second\n\n```sql\nDROP TABLE old_users;\n```';
    await desk.ask(question);
    const { text, entities } = line.last();
    expect(text).toContain(
      'Migration\nRun now with --force? See the plan.\n\n• first\n• second\n\nDROP TABLE old_users;',
    );
    expect(covered('bold')).toEqual(['shop · main', 'Migration', 'now']);
    expect(covered('code')).toEqual(['--force']);
    expect(entities).toContainEqual(expect.objectContaining({ type: 'pre', language: 'sql' }));
    expect(entities).toContainEqual(expect.objectContaining({ type: 'text_link', url: 'https://example.org/plan' }));
  });

  it('of a context arrives inside its block quote', async () => {
    await desk.ask('Go on?', { context: 'We have **both**, `a` and:\n\n> a quote' });
    expect(line.last().text).toContain('We have both, a and:\n\n> a quote');
    expect(types()).toEqual(['text_link', 'bold', 'blockquote', 'bold', 'code']);
  });

  it('stays on the card that is settled, and goes from lists and prompts', async () => {
    const { question_id } = await desk.ask('Drop `users`?', { options: [{ label: 'Yes' }, { label: 'No' }] });
    ann.presses(line.last(), 'Write an answer');
    expect((await line.seen('Write your answer')).text).toContain('Drop users?');
    ann.says('/pending');
    const list = await line.seen('Pending questions');
    expect(buttonTexts(list)[0]).toContain('Drop users?');
    await desk.end(question_id, { status: 'closed', reason: 'withdrawn', at: new Date().toISOString() });
    const card = await line.settled('Withdrawn');
    expect(covered('code', card)).toEqual(['users']);
  });

  it('leads only to the web: a link of any other kind stays text', async () => {
    await desk.ask('See [a](javascript:alert) or [b](file:///etc/passwd) or [c](http://localhost:3000)?');
    expect(line.last().text).toContain(
      '[a](javascript:alert) or [b](file:///etc/passwd) or [c](http://localhost:3000)',
    );
  });

  it('is never made of options, labels and answers', async () => {
    await desk.ask('Which?', { options: [{ label: '**a**', description: '`b`' }, { label: '_c_' }] });
    expect(line.last().text).toContain('1. **a**: `b`\n2. _c_');
    ann.presses(line.last(), '1. **a**');
    await line.settled('Answer: **a**');
  });

  it('that Telegram refuses is left out, and the text arrives whole', async () => {
    const refusal = { kind: 'status', code: 400, description: "Bad Request: can't parse entities: something" } as const;
    api.fail('sendMessage', refusal);
    const { question_id } = await desk.ask('Run **now**?');
    expect(line.last().text).toContain('Run now?');
    expect(types()).toEqual(['text_link']);
    ann.says('yes', { replyTo: line.last() });
    await api.waitFor(() => desk.answers[0]?.question_id === question_id);
  });

  it('beyond what one message may have leaves out the least important, never a code block or the link to the question', async () => {
    await desk.ask(`${'**b** '.repeat(150)}\n\n\`\`\`\ncode\n\`\`\``);
    expect(line.last().entities).toHaveLength(100);
    expect(types().at(0)).toBe('text_link');
    expect(types().at(-1)).toBe('pre');
  });
});

describe('a context', () => {
  const words = (count: number) => 'word '.repeat(count / 5);

  it('up to 1,000 characters stands open on the card', async () => {
    await desk.ask('Go on?', { context: words(1_000) });
    expect(types()).toContain('blockquote');
  });

  it('over 1,000 characters is folded into an expandable block quote', async () => {
    await desk.ask('Go on?', { context: words(1_005), options: [{ label: 'Yes' }, { label: 'No' }] });
    expect(ann.messages()).toHaveLength(1);
    expect(types()).toContain('expandable_blockquote');
    expect(line.last().text).toContain(words(1_005).trim());
  });

  it('over 4,096 characters comes as a file above the card, whole, whatever is in it', async () => {
    const context = `# Plan\n\n${'snake_case *ptr <b> 😀\n'.repeat(9_000)}`.slice(0, 200_000).toWellFormed().trim();
    await desk.ask('Go on **now**?', { context, options: [{ label: 'Yes' }, { label: 'No' }] });
    const [file, card] = ann.messages();
    expect(ann.messages()).toHaveLength(2);
    expect(file?.document).toMatchObject({ file_name: 'context.md', content: context });
    expect(file?.caption).toContain('Context of: Go on now?');
    expect(card?.text).toMatch(/Plan\n[\s\S]*The whole context \((199|200),\d{3} characters\) is in the file above\./);
    expect(card!.text!.length).toBeLessThan(1_000);
    expect(buttonTexts(card!)).toEqual(['Yes', 'No', '✍️ Write an answer']);
  });

  it('as a file takes a reply for its question, too', async () => {
    const { question_id } = await desk.ask('First?', { context: words(5_000) });
    await desk.ask('Second?');
    ann.says('yes', { replyTo: ann.messages()[0]! });
    await api.waitFor(() => desk.answers[0]?.question_id === question_id);
  });

  it('that cannot be sent as a file is on the card, as much as fits', async () => {
    api.fail('sendDocument', {
      kind: 'status',
      code: 400,
      description: 'Bad Request: not enough rights to send documents',
    });
    await desk.ask('Go on?', { context: words(20_000), options: [{ label: 'Yes' }, { label: 'No' }] });
    const parts = ann.messages();
    expect(parts.length).toBeGreaterThan(2);
    expect(
      parts
        .map(({ text }) => text)
        .join('')
        .match(/word/g)!.length,
    ).toBeGreaterThan(2_000);
    expect(parts.at(-1)?.text).toMatch(/8,\d{3} more characters of context do not fit here/);
  });

  it('as a file is sent again when a connection breaks, and the card only after it', async () => {
    api.fail('sendDocument', { kind: 'reset' }, 2);
    await desk.ask('Go on?', { context: words(5_000) });
    expect(ann.messages().map(({ document }) => document !== undefined)).toEqual([true, false]);
  });

  it('of a question opened from the list comes along', async () => {
    const card = desk.add('Go on?', { context: words(5_000) });
    ann.says('/pending');
    ann.presses(await line.seen('Pending questions (1)'), 'Go on?');
    await line.seen('is in the file above');
    expect(ann.messages().some(({ document }) => document)).toBe(true);
    ann.says('yes', { replyTo: line.last() });
    await api.waitFor(() => desk.answers[0]?.question_id === card.question_id);
  });
});

describe('a long text', () => {
  it('is split without cutting a word of code or a link in two', async () => {
    await desk.ask(
      `${'`some_name_of_code` and [a link](https://example.org/x) and some more words '.repeat(150)}`.slice(0, 7_900),
    );
    const parts = ann.messages();
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      expect(new Set(covered('code', part))).toEqual(new Set(['some_name_of_code']));
      expect(
        covered('text_link', part)
          .slice(1)
          .every((text) => text === 'a link'),
      ).toBe(true);
    }
  });

  it('makes one sound only, with its last part', async () => {
    await desk.ask('word '.repeat(1_500));
    const silent = api.calls('sendMessage').map(({ payload }) => payload.disable_notification === true);
    expect(silent).toEqual([...silent.slice(1).map(() => true), false]);
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { permissionOptions } from '../../src/domain/permission.ts';
import type { BotApi } from '../support/bot-api/bot-api.ts';
import type { SeenMessage } from '../support/bot-api/chats.ts';
import { buttonTexts, type Person } from '../support/bot-api/person.ts';
import { type MemoryDesk, session } from '../support/memory-desk.ts';
import { phonePicture, type Shown } from '../support/phone-picture.ts';
import { type TelegramLine, telegramLine } from '../support/telegram-line.ts';

// The pictures in docs/telegram.md, drawn from what the channel really sends. When one of these tests fails, the docs
// show something that is not so any more: look at the new picture after `npx vitest run test/docs -u`.

vi.hoisted(() => {
  // Cards show the hub's own clock.
  process.env.TZ = 'UTC';
});

const NOW = Date.parse('2026-11-20T14:05:00Z');
const by = { channel: 'telegram', id: '7', name: 'Ada' };
const checkout = session('checkout', 1);
const search = session('search · fix-index', 2);
const minutesAgo = (minutes: number) => ({ asked_at: new Date(NOW - minutes * 60_000).toISOString() });

let line: TelegramLine;
let api: BotApi;
let desk: MemoryDesk;
let ann: Person;

beforeEach(async () => {
  line = await telegramLine();
  ({ api, desk, ann } = line);
});

const picture = (name: string, messages: readonly Shown[], top?: SeenMessage) => {
  const title = expect.getState().currentTestName?.split(' > ').at(-1) ?? name;
  return expect(phonePicture(title, messages, top)).toMatchFileSnapshot(`../../docs/images/telegram-${name}.svg`);
};

describe('the pictures in the docs show what is sent:', () => {
  it('a question with context, options and a default', async () => {
    line.start();
    await desk.ask(
      'The migration drops the column `orders.legacy_id`. **Two reports** still read it, see ' +
        '[the search](https://example.org/search).\n\nHow shall I go on?',
      {
        session: checkout,
        context: `Found by \`grep -rn legacy_id reports/\`:\n\n\`\`\`sql\nSELECT legacy_id\n  FROM orders\n\`\`\`\n${'\nMore of what was found in the reports.'.repeat(30)}`,
        options: [
          { label: 'Drop it', description: 'and repair both reports' },
          { label: 'Keep it', description: 'mark it as deprecated' },
          { label: 'Ask again tomorrow' },
        ],
        default_answer: 'Keep it',
        expires_at: '2026-11-20T14:35:00.000Z',
      },
    );
    await picture('question', ann.messages());
  });

  it('several choices, with marks, in pages', async () => {
    line.start();
    const areas = [
      'cart',
      'payment',
      'shipping',
      'returns',
      'vouchers',
      'invoices',
      'search',
      'reviews',
      'accounts',
      'stock',
    ];
    await desk.ask('Which areas shall the tests cover?', {
      session: checkout,
      options: areas.map((area) => ({ label: `Everything around ${area}` })),
      multi_select: true,
    });
    ann.presses(line.last(), '1. Everything');
    ann.presses(line.last(), '3. Everything');
    await api.waitFor(() => buttonTexts(line.last()).includes('✔️ Done (2)'));
    await picture('choices', ann.messages());
  });

  it('a long context as a file', async () => {
    line.start();
    const plan = `# Plan\n\n1. Freeze writes\n2. Copy the table\n3. Switch over\n\n${'Details of a step. '.repeat(400)}`;
    await desk.ask('Shall I start with **step 1**?', {
      session: search,
      context: plan,
      options: [{ label: 'Yes' }, { label: 'No' }],
    });
    await picture('file', ann.messages());
  });

  it('a permission, and the second step of a dangerous one', async () => {
    line.start();
    await desk.ask('May I run a command?', {
      session: checkout,
      kind: 'permission',
      context:
        "```sh\nrm -rf dist coverage\n```\n\nWhy, in Claude's words: Start from a clean build\nDirectory: /home/ada/checkout",
      options: permissionOptions('Bash(rm -rf dist coverage)'),
      permission: {
        tool: 'Bash',
        input_hash: '',
        cwd: '/home/ada/checkout',
        dangers: ['Deletes files and directories, and everything in them.'],
      },
    });
    ann.presses(line.last(), 'Allow once');
    await line.seen('Look at all of it.');
    await picture('permission', ann.messages());
  });

  it('questions that have ended, and a word without a question', async () => {
    line.start();
    const answered_at = '2026-11-20T14:02:00.000Z';
    const deploy = await desk.ask('Deploy to production?', {
      session: checkout,
      options: [{ label: 'Yes' }, { label: 'No' }],
    });
    const key = await desk.ask('Which key signs the release?', { session: search });
    await desk.ask('All 214 tests pass.', { session: checkout, kind: 'notice', level: 'info' });
    await desk.end(deploy.question_id, {
      status: 'answered',
      answer: 'Yes',
      answered_by: by,
      answered_at,
      delivered: true,
    });
    await desk.end(key.question_id, { status: 'closed', reason: 'expired', at: answered_at });
    await picture('ended', ann.messages());
  });

  it('a text that may be for one of several questions', async () => {
    line.start({ now: () => NOW });
    const ages = [minutesAgo(12), minutesAgo(3)];
    desk.add('Which cache shall I use?', { session: checkout, ...ages[0] });
    desk.add('Rename `Order` to `Purchase`?', { session: search, ...ages[1] });
    ann.says('the one in memory');
    const asking = await line.seen('Which question is this for?');
    await picture('which', [{ own: 'the one in memory' }, asking]);
  });

  it('a group with its inbox, the list of a flood and a reminder', async () => {
    let now = NOW;
    api.group(-100, 'Team');
    line.start({ chatId: '-100', inbox: 'auto', now: () => now, timings: { telegramReminders: 5, telegramGroup: 20 } });
    const questions = [
      ['Which cache shall I use?', checkout],
      ['Rename `Order` to `Purchase`?', search],
      ['Is the index allowed to be stale?', search],
      ['Delete the old branch?', checkout],
      ['Which colour for errors?', session('web · errors', 3)],
      ['Retry the flaky test?', session('web · errors', 3)],
      ['Merge without a review?', checkout],
    ] as const;
    await Promise.all(
      questions.map(([question, name], n) => desk.ask(question, { session: name, ...minutesAgo(9 - n) })),
    );
    const list = await line.seen('Pending questions (7)', ann, -100);
    const inbox = await line.seen('7 questions wait', ann, -100);
    await api.waitFor(() => api.pinned(-100).includes(inbox.message_id));
    now += 8 * 60_000;
    const reminder = await line.seen('still wait', ann, -100);
    await picture('group', [list, reminder], inbox);
  });
});

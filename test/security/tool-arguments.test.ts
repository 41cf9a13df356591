import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForeign, parseRecord, RECORD_BYTES_MAX } from '../../src/domain/records.ts';
import { HIDDEN_TOOLS } from '../../src/mcp/hidden-tools.ts';
import { TOOLS } from '../../src/mcp/tools.ts';
import { hostileJson, hostileKey, hostileText, nestedJson, objectOf } from '../support/hostile-text.ts';
import { type McpPlace, mcpPlace, sessionOf } from '../support/mcp-client.ts';
import { propertyTest } from '../support/property-test.ts';
import { RawMcp, type RawReply } from '../support/raw-mcp.ts';
import { linesOf } from '../support/store-places.ts';

const FOREIGN_QUESTION = '0b7e1c1e-0000-4000-8000-000000000001';
const SETTLE_MS = 60;

/** All files below a directory with their sizes, but those below `except`. */
function filesBelow(directory: string, except: readonly string[]): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !except.some((each) => path === each || path.startsWith(`${each}/`)))
    .map((path) => `${relative(directory, path)} ${statSync(path).isFile() ? readFileSync(path, 'utf8') : ''}`)
    .sort();
}

/** A server with a project around it in which nothing else may change. */
async function victim(): Promise<{ raw: RawMcp; place: McpPlace; check: () => Promise<void> }> {
  const place = mcpPlace();
  mkdirSync(join(place.project, 'src'));
  writeFileSync(join(place.project, 'src/main.ts'), 'mine');
  writeFileSync(join(place.project, 'notes.txt'), 'mine, too');
  const raw = await RawMcp.start(place, { timings: { minute: 20 } });
  const session = await sessionOf(place, raw.command.pid);
  const own = [place.home, join(place.project, '.planning')];
  const before = filesBelow(place.project, own);
  const check = async (): Promise<void> => {
    expect(raw.command.child.exitCode).toBeNull();
    // What it could not explain would be a mistake of its own.
    expect(raw.command.stderr).not.toMatch(/tool call failed|a mistake in the program/);
    expect(filesBelow(place.project, own)).toEqual(before);
    const below = readdirSync(place.sessionsDirectory);
    expect(
      below.filter((name) => !/^([0-9a-f-]{36}(\.jsonl)?|\.gitignore|\.locks|\.aside|archive)$/.test(name)),
    ).toEqual([]);
    for (const line of linesOf(join(place.sessionsDirectory, `${session}.jsonl`))) {
      const record = parseRecord(line);
      expect(record, line.slice(0, 300)).not.toBeNull();
      expect(record && isForeign(record)).toBe(false);
      expect(Buffer.byteLength(line)).toBeLessThan(RECORD_BYTES_MAX);
    }
    const text = `Still there? ${Math.random()}`;
    const asked = raw.call('ask_blocking_question', { question: text, timeout_minutes: 1_440 });
    const { record } = await place.hub.question(session, text);
    await place.hub.answer(session, record.id, 'yes');
    expect((await asked).result?.structuredContent).toMatchObject({ status: 'answered', answer: 'yes' });
  };
  return { raw, place, check };
}

/** A call is answered by a result, or by an error in words; never by "failed inside". */
function expectAnswered(reply: RawReply | undefined, what: string): void {
  if (!reply) return; // It waited for a person, and was cancelled.
  const words = reply.error?.message ?? reply.result?.content?.[0]?.text ?? '';
  expect(words, what).not.toBe('');
  expect(words, what).not.toContain('failed inside');
  // The official SDK refuses by this code what is no request at all: then it names the field.
  if (reply.error?.code === -32603) expect(words, what).toContain('"arguments"');
}

const EVENTS =
  'PermissionRequest PostToolUse PostToolUseFailure PostToolBatch UserPromptSubmit Stop SubagentStop Notification TaskCreated TaskCompleted';

/** Values that make a call good, by field: nearly valid calls get further than noise. */
const GOOD: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  question: fc.constantFrom('Deploy?', 'Sure?'),
  options: fc.constantFrom(['a', 'b'], [{ label: 'a' }, { label: 'b', description: 'c' }], '["a","b"]'),
  wait: fc.constant(false),
  timeout_minutes: fc.constantFrom(1, '1', 0),
  question_id: fc.constantFrom(FOREIGN_QUESTION, FOREIGN_QUESTION.toUpperCase(), `../${FOREIGN_QUESTION}`),
  question_ids: fc.constantFrom([FOREIGN_QUESTION], `["${FOREIGN_QUESTION}"]`, ['../../etc/passwd']),
  wait_seconds: fc.constantFrom(0, '0', -1),
  message: fc.constant('Done.'),
  level: fc.constantFrom('info', 'warning'),
  label: fc.constant('checkout'),
  event: fc.constantFrom(...EVENTS.split(' ')),
  tool_name: fc.constantFrom(
    'Bash',
    'Write',
    'Edit',
    'MultiEdit',
    'NotebookEdit',
    'WebFetch',
    'AskUserQuestion',
    'ExitPlanMode',
    'mcp__a__b',
  ),
  tool_input: hostileJson.map((value) => JSON.stringify(value)),
  input: fc.record(
    { command: hostileText, file_path: hostileText, questions: hostileJson, edits: hostileJson, plan: hostileText },
    { requiredKeys: [] },
  ),
  task_id: fc.constant('t1'),
};
const FIELDS = [
  ...Object.values(TOOLS).flatMap(({ input }) => Object.keys(input.shape)),
  ...Object.keys(GOOD),
  'agent_id',
  'agent_type',
  'cwd',
  'prompt',
  'session_id',
  'permission_suggestions',
  'background_tasks',
  'last_assistant_message',
  'task_subject',
  'title',
  'notification_type',
  'context',
  'default_answer',
  'answer',
];
const field = fc.oneof({ weight: 10, arbitrary: fc.constantFrom(...FIELDS) }, { weight: 1, arbitrary: hostileKey });
const entry = field.chain((key) =>
  fc.tuple(
    fc.constant(key),
    fc.oneof(
      { weight: 2, arbitrary: (Object.hasOwn(GOOD, key) && GOOD[key]) || hostileText },
      { weight: 1, arbitrary: hostileJson },
    ),
  ),
);
const given = fc.array(entry, { maxLength: 8 }).map((entries) => JSON.stringify(objectOf(entries)));
const toolName = fc.constantFrom(
  ...Object.keys(TOOLS),
  ...Object.keys(HIDDEN_TOOLS),
  ...Object.keys(TOOLS),
  '__proto__',
  'constructor',
  '',
);
const call = fc.record({
  name: toolName,
  given: fc.oneof(
    { weight: 9, arbitrary: given },
    { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
  ),
});

describe('whatever a model gives a tool', () => {
  propertyTest(
    'comes back as a result or as a sentence, and leaves good records and nothing else',
    fc.array(call, { minLength: 1, maxLength: 12 }),
    async () => {
      const { raw, check: after } = await victim();
      const check = async (calls: readonly { name: string; given: string }[]): Promise<void> => {
        const ids = calls.map(({ name, given: args }) =>
          raw.send('tools/call', `{"name":${JSON.stringify(name)},"arguments":${args}}`),
        );
        await raw.settle(ids, SETTLE_MS);
        for (const [index, id] of ids.entries()) {
          expectAnswered(raw.repliesTo(id)[0], JSON.stringify(calls[index]).slice(0, 2_000));
        }
      };
      return { check, after };
    },
    { runs: 120 },
  );

  it('names what is wrong with every one of these, and is none the worse for it', async () => {
    const { raw, check } = await victim();
    const big = 'A'.repeat(1_000_000);
    const deep = nestedJson(50_000);
    const cases: readonly (readonly [tool: string, args: string, words: RegExp])[] = [
      ['ask_blocking_question', '{}', /Mend its arguments/],
      ['ask_blocking_question', '{"__proto__":{"question":"x","wait":false}}', /"question"/],
      ['ask_blocking_question', '{"constructor":"x","__proto__":"y","toString":"z"}', /"question"/],
      ['ask_blocking_question', `{"question":"${big}"}`, /the limit is 8000; nothing was asked/],
      ['ask_blocking_question', `{"question":"q","context":"${big}"}`, /the limit is 200000/],
      ['ask_blocking_question', `{"question":"q","options":${deep}}`, /Mend its arguments/],
      ['ask_blocking_question', '{"question":"\\u0000"}', /wait|pending|question_id/],
      ['ask_blocking_question', '{"question":"q","options":["a","a"]}', /Two options are called/],
      ['ask_blocking_question', '{"question":{"toString":"x"}}', /Mend its arguments/],
      ['check_question_answers', '{"question_ids":["../../../etc/passwd"]}', /./],
      ['check_question_answers', `{"question_ids":["${FOREIGN_QUESTION}"]}`, /./],
      ['check_question_answers', '{"wait_seconds":-1e308}', /pending/],
      ['mark_question_answered', `{"question_id":"${FOREIGN_QUESTION}"}`, /./],
      ['mark_question_answered', '{"question_id":"/etc/passwd\\u0000"}', /./],
      ['notify_user', '{"message":" \\u0000 "}', /./],
      ['set_session_label', `{"label":"${big}"}`, /./],
      ['set_session_label', '{"label":"\\u001b[2J\\u202e\\n\\n"}', /./],
      [
        'claude_code_hook',
        `{"event":"PermissionRequest","tool_name":"Bash","tool_input":${JSON.stringify(deep)}}`,
        /^\{\}$/,
      ],
      ['claude_code_hook', `{"event":${deep}}`, /^\{\}$/],
      [
        'claude_code_hook',
        `{"event":"PostToolUse","tool_name":"Bash","tool_input":${nestedJson(50_000, 'object')}}`,
        /^\{\}$/,
      ],
      ['claude_code_hook', '{"__proto__":{"event":"Stop"}}', /^\{\}$/],
      ['permission_prompt', `{"tool_name":${deep},"input":{}}`, /behavior|Nobody/],
      ['permission_prompt', `{"tool_name":"Bash","input":${nestedJson(50_000, 'object')}}`, /"behavior":"deny"/],
    ];
    for (const [tool, args, words] of cases) {
      const id = raw.send('tools/call', `{"name":"${tool}","arguments":${args}}`);
      await raw.settle([id], 3_000);
      const [reply] = raw.repliesTo(id);
      const what = `${tool} ${args.slice(0, 200)}`;
      expect(reply, what).toBeDefined();
      expectAnswered(reply, what);
      expect(reply?.error?.message ?? reply?.result?.content?.[0]?.text, what).toMatch(words);
    }
    await check();
  });

  it('is never compared line by line for longer than a moment', async () => {
    const { raw, check } = await victim();
    const lines = (word: string): string => Array.from({ length: 30_000 }, (_, index) => `${word}${index}`).join('\n');
    const input = { file_path: 'src/main.ts', old_string: lines('a'), new_string: lines('b') };
    const began = performance.now();
    const given = { event: 'PermissionRequest', tool_name: 'Edit', tool_input: JSON.stringify(input), session_id: 's' };
    const id = raw.send('tools/call', JSON.stringify({ name: 'claude_code_hook', arguments: given }));
    await raw.ask('ping');
    await raw.settle([id], 0);
    // Compared to the end, it takes minutes.
    expect(performance.now() - began).toBeLessThan(25_000);
    await check();
  });

  it('is opened for a client that says too much of itself', async () => {
    const place = mcpPlace();
    const raw = await RawMcp.start(place, { client: `\u001b[2J${'C'.repeat(200_000)}` });
    const asked = await raw.call('ask_blocking_question', { question: 'Anybody?', wait: false });
    expect(asked.result?.structuredContent).toMatchObject({ status: 'pending' });
  });
});

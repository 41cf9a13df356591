import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordWords } from '../../src/domain/record-words.ts';
import { isForeign, parseRecord, type SessionRecord } from '../../src/domain/records.ts';
import { emptySessionState, fold, type SessionState } from '../../src/domain/session-state.ts';
import { cardOf } from '../../src/relay/card.ts';
import { nameSessions, projectName, sessionTitle } from '../../src/relay/session-names.ts';
import { fuzz, hostileJson, hostileKey, hostileWord, nestedJson, objectOf } from '../support/hostile-text.ts';
import { newSession } from '../support/records.ts';

const IDS = ['0b7e1c1e-0000-4000-8000-00000000000', '1b7e1c1e-0000-4000-8000-00000000000'].flatMap((id) =>
  ['1', '2', '3'].map((end) => id + end),
);
const id = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...IDS) }, { weight: 1, arbitrary: hostileWord });
const at = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('2026-11-20T10:00:00.000Z', '2026-11-20T10:00:00.001+14:00') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00Z'),
  },
  { weight: 1, arbitrary: hostileWord },
);
const slot = fc.oneof(
  fc.constantFrom(...IDS.map((each) => `outcome:${each}`), ...IDS.map((each) => `late:${each}`)),
  hostileWord,
);
const text = fc.oneof(fc.constantFrom('yes', 'no', 'Deploy?'), hostileWord);
const person = fc.record({ channel: text, id: text, name: text });

const BODIES = {
  session_metadata: fc.record({
    session_id: id,
    pid: fc.oneof(fc.constantFrom(0, -1, 1, 2 ** 31), fc.integer()),
    process_started_at: fc.oneof(text, fc.constant(null)),
    host: text,
    boot_id: fc.oneof(text, fc.constant(null)),
    pid_namespace: fc.oneof(text, fc.constant(null)),
    cwd: text,
    project_dir: text,
    start_time: at,
    client: fc.record({ name: text, version: text }),
    version: text,
  }),
  session_updated: fc.record({ label: text, git_branch: text, claude_session_id: text }),
  heartbeat: fc.constant({}),
  task: fc.record({ task_id: text, title: text, status: text }),
  question: fc.record({
    id,
    kind: fc.constantFrom('question', 'permission', 'notice'),
    question: text,
    context_file: text,
    options: fc.array(fc.record({ label: text, description: text }), { maxLength: 3 }),
    multi_select: fc.boolean(),
    allow_text: fc.boolean(),
    status: fc.constant('pending'),
    created_at: at,
  }),
  question_shown: fc.record({ question_id: id, channel: text, chat: text, ref: text }),
  question_settled: fc.record({
    question_id: id,
    channel: text,
    chat: text,
    stage: fc.constantFrom('ended', 'delivered'),
  }),
  answer: fc.record({
    question_id: id,
    answer: text,
    selected: fc.array(text, { maxLength: 2 }),
    files: fc.array(fc.record({ path: text, name: text, bytes: fc.nat() }), { maxLength: 2 }),
    answered_by: person,
    answered_at: at,
    late: fc.boolean(),
  }),
  answer_delivered: fc.record({ question_id: id, late: fc.boolean() }),
  question_closed: fc.record({
    question_id: id,
    reason: fc.constantFrom('withdrawn', 'expired', 'answered_elsewhere', 'session_ended'),
    answer: text,
  }),
  message: fc.record({ message_id: id, text, sent_by: person, sent_at: at }),
  message_delivered: fc.record({ message_id: id, by: text }),
  system: fc.record({ event: fc.oneof(fc.constantFrom('session_end', 'archived'), text), reason: text, detail: text }),
  error: fc.record({ code: fc.oneof(fc.constant('MESSAGE_WAITS'), text), message: text, detail: text }),
  unknown_to_us: hostileJson.map((value) => ({ value })),
} as const satisfies Record<string, fc.Arbitrary<object>>;

/** A record as somebody would forge it: mostly well-made, with ids and slots that others have. */
const forged = fc.constantFrom(...(Object.keys(BODIES) as (keyof typeof BODIES)[])).chain((type) =>
  fc
    .record({
      v: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: hostileJson }),
      event_id: fc.oneof({ weight: 5, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.constantFrom('e1', 'e2') }),
      slot: fc.option(slot, { nil: undefined }),
      timestamp: at,
      writer: fc.constantFrom('mcp:1', 'hub:1', 'cli:0', ''),
      body: BODIES[type] as fc.Arbitrary<object>,
    })
    .map(({ body, ...envelope }) => ({ ...envelope, type, ...body })),
);

/** A line as it may stand in a file that somebody else writes. */
const hostileLine = fc.oneof(
  { weight: 8, arbitrary: forged.map((record) => JSON.stringify(record)) },
  { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: hostileWord },
  {
    weight: 2,
    arbitrary: fc
      .tuple(forged, fc.array(fc.tuple(hostileKey, hostileJson), { maxLength: 3 }))
      .map(([record, more]) => JSON.stringify(objectOf([...Object.entries(record), ...more]))),
  },
  { weight: 1, arbitrary: fc.tuple(forged, fc.nat(200)).map(([record, cut]) => JSON.stringify(record).slice(0, -cut)) },
);
const hostileLog = fc.array(hostileLine, { maxLength: 30 });

const recordsIn = (lines: readonly string[]): SessionRecord[] =>
  lines.map(parseRecord).filter((record) => record !== null);

const folded = (records: readonly SessionRecord[]): SessionState => records.reduce(fold, emptySessionState());

/** All that a reader shows of a state, as plain data. */
function shownOf(state: SessionState): unknown {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value] : value;
  const { ledger: _, records: __, ...told } = state;
  return JSON.parse(JSON.stringify(told, plain));
}

describe('lines that anybody may have written', () => {
  fuzz(
    'are read and folded without an error and without a trace in any prototype',
    () => ({
      property: fc.property(hostileLog, (lines) => {
        const own = Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length;
        const state = folded(recordsIn(lines));
        for (const record of recordsIn(lines)) recordWords(record);
        const session = newSession();
        const name = nameSessions([[session, state]]).get(session);
        if (!name) throw new Error('A session without a name.');
        // A title stays one line and is not endless, whatever a file says.
        expect(name.title).not.toMatch(/[\n\r]/);
        expect(name.title.length + name.project.length).toBeLessThan(1_200);
        for (const question of state.questions.values())
          cardOf(question, { session: name, context: undefined, held: false });
        expect(Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length).toBe(own);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }),
    }),
    { runs: 800 },
  );

  fuzz(
    'say the same to every reader, also when each of them stands there twice',
    () => ({
      property: fc.property(hostileLog, (lines) => {
        const once = shownOf(folded(recordsIn(lines)));
        expect(shownOf(folded(recordsIn(lines)))).toEqual(once);
        expect(shownOf(folded(recordsIn([...lines, ...lines])))).toEqual(once);
        expect(shownOf(folded(recordsIn(lines.flatMap((line) => [line, line]))))).toEqual(once);
      }),
    }),
    { runs: 600 },
  );

  fuzz(
    'mean the same with fields that nobody knows',
    () => ({
      property: fc.property(
        fc.array(forged, { maxLength: 20 }),
        fc.array(fc.tuple(hostileKey, hostileJson), { maxLength: 4 }),
        (log, more) => {
          const strange = more.filter(
            ([key]) =>
              !log.some(
                (record) =>
                  Object.hasOwn(record, key) ||
                  /^(late|confirmed|where|slot|expires_at|hold_until|permission|level|mime|context|default_answer|label|git_branch|claude_session_id|question_id)$/.test(
                    key,
                  ),
              ),
          );
          const plain = log.map((record) => JSON.stringify(record));
          const dressed = log.map((record) => JSON.stringify(objectOf([...strange, ...Object.entries(record)])));
          expect(shownOf(folded(recordsIn(dressed)))).toEqual(shownOf(folded(recordsIn(plain))));
        },
      ),
    }),
    { runs: 800 },
  );

  fuzz(
    'give a question one end: the first record that holds its slot, whoever claims it later',
    () => ({
      property: fc.property(hostileLog, (lines) => {
        const records = recordsIn(lines);
        const state = folded(records);
        for (const [id, { record, answer, closed, status }] of state.questions) {
          if (record.kind === 'notice') continue;
          const holder = records.find(
            ({ slot: claimed }, index) =>
              claimed === `outcome:${id}` &&
              records.findIndex(({ event_id }) => event_id === records[index]?.event_id) === index,
          );
          if (answer) expect(answer).toBe(holder);
          if (status === 'pending') expect([answer, closed]).toEqual([undefined, undefined]);
          if (!holder) expect(status).toBe('pending');
          else if (isForeign(holder)) expect(status).toBe('closed');
        }
      }),
    }),
    { runs: 600 },
  );

  it('call a session and its project by one line each, whatever they say', () => {
    for (const said of ['a\nHub: pid 1', 'a\r\u2028b', 'L'.repeat(100_000), ' \n ']) {
      for (const [label, directory, branch] of [
        [said, '/srv/shop', 'main'],
        [undefined, `/srv/${said}`, 'main'],
        [undefined, '/srv/shop', said],
      ] as const) {
        const title = sessionTitle(label, directory, branch);
        expect(title).toMatch(/^[^\n\r\u2028]{1,300}$/u);
        expect(projectName(directory)).toMatch(/^[^\n\r\u2028]{1,255}$/u);
      }
    }
  });

  it('may be nested a hundred thousand deep', () => {
    for (const kind of ['list', 'object'] as const) {
      expect(parseRecord(nestedJson(100_000, kind))).toBeNull();
      const deep = `{"v":1,"event_id":"e","type":"heartbeat","timestamp":"2026-11-20T10:00:00.000Z","writer":"mcp:1","x":${nestedJson(100_000, kind)}}`;
      expect(parseRecord(deep)).toMatchObject({ type: 'heartbeat' });
    }
  });

  it('never lend their prototype to a record', () => {
    const line =
      '{"__proto__":{"v":1,"event_id":"e","type":"heartbeat","timestamp":"2026-11-20T10:00:00.000Z","writer":"x"}}';
    expect(parseRecord(line)).toBeNull();
  });
});

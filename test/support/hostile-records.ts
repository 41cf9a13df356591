import fc from 'fast-check';
import { hostileJson, hostileKey, hostileWord, objectOf } from './hostile-text.ts';

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
  question_shown: fc.record({
    question_id: id,
    channel: fc.oneof(fc.constantFrom('telegram', 'web'), text),
    chat: fc.oneof(fc.constantFrom('7', '-100', '__proto__'), text),
    ref: fc.oneof(fc.constantFrom('7:1', '7:2', '7:list:3', '-100:1', '7:9999999999999999999'), text),
  }),
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
export const forgedRecord = fc.constantFrom(...(Object.keys(BODIES) as (keyof typeof BODIES)[])).chain((type) =>
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
  { weight: 8, arbitrary: forgedRecord.map((record) => JSON.stringify(record)) },
  { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: hostileWord },
  {
    weight: 2,
    arbitrary: fc
      .tuple(forgedRecord, fc.array(fc.tuple(hostileKey, hostileJson), { maxLength: 3 }))
      .map(([record, more]) => JSON.stringify(objectOf([...Object.entries(record), ...more]))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(forgedRecord, fc.nat(200)).map(([record, cut]) => JSON.stringify(record).slice(0, -cut)),
  },
);
/** The lines of such a file. */
export const hostileLog = fc.array(hostileLine, { maxLength: 30 });

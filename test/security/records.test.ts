import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordWords } from '../../src/domain/record-words.ts';
import { isForeign, parseRecord, type SessionRecord } from '../../src/domain/records.ts';
import { emptySessionState, fold, type SessionState } from '../../src/domain/session-state.ts';
import { cardOf } from '../../src/relay/card.ts';
import { nameSessions, projectName, sessionTitle } from '../../src/relay/session-names.ts';
import { forgedRecord, hostileLog } from '../support/hostile-records.ts';
import { hostileJson, hostileKey, nestedJson, objectOf } from '../support/hostile-text.ts';
import { propertyTest } from '../support/property-test.ts';
import { newSession } from '../support/records.ts';

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
  propertyTest(
    'are read and folded without an error and without a trace in any prototype',
    hostileLog,
    () => ({
      check: (lines) => {
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
          cardOf(question, { session: name, context: undefined, contextMissing: false, held: false });
        expect(Reflect.ownKeys(Object.prototype).length + Reflect.ownKeys(Array.prototype).length).toBe(own);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      },
    }),
    { runs: 800 },
  );

  propertyTest(
    'say the same to every reader, also when each of them stands there twice',
    hostileLog,
    () => ({
      check: (lines) => {
        const once = shownOf(folded(recordsIn(lines)));
        expect(shownOf(folded(recordsIn(lines)))).toEqual(once);
        expect(shownOf(folded(recordsIn([...lines, ...lines])))).toEqual(once);
        expect(shownOf(folded(recordsIn(lines.flatMap((line) => [line, line]))))).toEqual(once);
      },
    }),
    { runs: 600 },
  );

  propertyTest(
    'mean the same with fields that nobody knows',
    fc.tuple(fc.array(forgedRecord, { maxLength: 20 }), fc.array(fc.tuple(hostileKey, hostileJson), { maxLength: 4 })),
    () => ({
      check: ([log, more]) => {
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
    }),
    { runs: 800 },
  );

  propertyTest(
    'give a question one end: the first record that holds its slot, whoever claims it later',
    hostileLog,
    () => ({
      check: (lines) => {
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
      },
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

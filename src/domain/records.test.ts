import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForeign, parseRecord } from './records.ts';

const HEARTBEAT = { v: 1, event_id: 'e1', type: 'heartbeat', timestamp: '2026-11-20T10:00:00.000Z', writer: 'mcp:1' };
const line = (fields: object): string => JSON.stringify({ ...HEARTBEAT, ...fields });

describe('parseRecord', () => {
  it('reads what this version knows', () => {
    expect(parseRecord(line({}))).toEqual(HEARTBEAT);
  });

  it('ignores fields that it does not know, and takes any order and white space', () => {
    expect(parseRecord(line({ mood: 'good', nested: { deep: [1] } }))).toMatchObject(HEARTBEAT);
    const { v, ...rest } = HEARTBEAT;
    expect(parseRecord(` ${JSON.stringify({ ...rest, v })} \r`)).toMatchObject(HEARTBEAT);
  });

  it.each([
    ['a newer version of a known type', { v: 2 }],
    ['a type of a newer version', { type: 'forwarded' }],
    ['a type of a newer version without a writer', { type: 'forwarded', writer: undefined }],
  ])('keeps %s with nothing but id, slot, type and time', (_what, fields) => {
    const record = parseRecord(line({ slot: 's', secret: 1, ...fields }));
    expect(record && isForeign(record)).toBe(true);
    const type = 'type' in fields ? fields.type : 'heartbeat';
    expect(record).toEqual({ event_id: 'e1', slot: 's', type, timestamp: HEARTBEAT.timestamp, foreign: true });
  });

  it.each([
    ['an empty line', ''],
    ['half a line', line({}).slice(0, 40)],
    ['two records on a line', line({}) + line({})],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a number', '1'],
    ['no id', line({ event_id: undefined })],
    ['an empty id', line({ event_id: '' })],
    ['an id without end', line({ event_id: 'x'.repeat(129) })],
    ['a time that is none', line({ timestamp: 'yesterday' })],
    ['a slot that is no text', line({ slot: 7 })],
    ['a known type with a field of the wrong kind', line({ type: 'task', task_id: 7, title: 't', status: 's' })],
    ['a known type without one of its fields', line({ type: 'answer', question_id: 'x' })],
  ])('reads no record in %s', (_what, text) => {
    expect(parseRecord(text)).toBeNull();
  });

  it('lets no record call itself foreign', () => {
    const record = parseRecord(line({ foreign: true }));
    expect(record && isForeign(record)).toBe(false);
  });

  it('never throws, whatever a line contains', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseRecord(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseRecord(text)));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(HEARTBEAT), 'slot', '__proto__'), fc.jsonValue()),
        (fields) => {
          parseRecord(line(fields));
        },
      ),
    );
  });
});

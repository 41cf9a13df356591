import fc from 'fast-check';
import { expect, it } from 'vitest';
import { admit, emptyLedger } from './ledger.ts';
import type { SessionRecord } from './records.ts';

function claim(event_id: string, slot?: string): SessionRecord {
  const record = { event_id, type: 'anything', timestamp: '2026-11-20T10:00:00.000Z', foreign: true as const };
  return { ...record, ...(slot === undefined ? {} : { slot }) } as SessionRecord;
}

it('takes a record once, and gives a slot to its first claim', () => {
  const ledger = emptyLedger();
  expect(admit(ledger, claim('a', 'outcome:q'))).toBe('new');
  expect(admit(ledger, claim('b', 'outcome:q'))).toBe('slot_lost');
  expect(admit(ledger, claim('a', 'outcome:q'))).toBe('repeat');
  expect(admit(ledger, claim('b'))).toBe('repeat');
  expect(admit(ledger, claim('c'))).toBe('new');
  expect(ledger.slots.get('outcome:q')?.event_id).toBe('a');
});

it('lets a repeat claim nothing: only the first record with an id is part of the log', () => {
  const ledger = emptyLedger();
  admit(ledger, claim('a', 'one'));
  expect(admit(ledger, claim('a', 'two'))).toBe('repeat');
  expect(ledger.slots.has('two')).toBe(false);
});

const claims = fc.array(
  fc.record({ id: fc.constantFrom(...'abcdefgh'), slot: fc.option(fc.constantFrom(...'xyz'), { nil: undefined }) }),
  { maxLength: 60 },
);

it('names the first claim in file order the holder, for every log', () => {
  fc.assert(
    fc.property(claims, (log) => {
      const ledger = emptyLedger();
      for (const { id, slot } of log) admit(ledger, claim(id, slot));
      const firsts = log.filter(({ id }, i) => log.findIndex((other) => other.id === id) === i);
      for (const slot of 'xyz') {
        expect(ledger.slots.get(slot)?.event_id).toBe(firsts.find((other) => other.slot === slot)?.id);
      }
    }),
  );
});

it('never changes its mind: what is appended later moves no slot', () => {
  fc.assert(
    fc.property(claims, claims, (log, later) => {
      const ledger = emptyLedger();
      for (const { id, slot } of log) admit(ledger, claim(id, slot));
      const holders = new Map(ledger.slots);
      for (const { id, slot } of later) admit(ledger, claim(id, slot));
      for (const [slot, holder] of holders) expect(ledger.slots.get(slot)).toBe(holder);
    }),
  );
});

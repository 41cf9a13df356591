import type { EventId } from './ids.ts';
import type { SessionRecord } from './records.ts';

/**
 * Who wrote what first: the ids and slots of a log, in file order. Both the fold and the writing side of a store
 * ask it, so that every reader and every writer agrees about who won.
 */
export interface Ledger {
  readonly eventIds: Set<EventId>;
  readonly slots: Map<string, SessionRecord>;
}

/** What a record is worth: `new` counts, a `repeat` is not part of the log, `slot_lost` came after another claim. */
export type Admission = 'new' | 'repeat' | 'slot_lost';

/** A ledger of an empty log. */
export function emptyLedger(): Ledger {
  return { eventIds: new Set(), slots: new Map() };
}

/** Enters the next record of the log and says what it is worth. */
export function admit(ledger: Ledger, record: SessionRecord): Admission {
  if (ledger.eventIds.has(record.event_id)) return 'repeat';
  ledger.eventIds.add(record.event_id);
  if (record.slot === undefined) return 'new';
  if (ledger.slots.has(record.slot)) return 'slot_lost';
  ledger.slots.set(record.slot, record);
  return 'new';
}

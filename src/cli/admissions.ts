import type { Person } from '../domain/records.ts';
import type { Admission } from '../relay/channel.ts';
import { Attempts } from '../runtime/attempts.ts';
import type { Logger } from '../runtime/log.ts';
import { changeOwners } from '../runtime/owners-file.ts';
import { isCodeOf, isExpired, type Pairing, readPairing, writePairing } from '../runtime/pairing.ts';

// A code has 128 bits: nobody guesses one. The limits keep a stranger from making the hub read its file all day.
const LIMITS = { perPerson: 5, overall: 30, windowMs: 10 * 60_000 };

/** What deciding about pairing codes needs. */
export interface AdmissionParts {
  readonly home: string;
  /** Of the bot that this hub is. */
  readonly botId: string;
  readonly isOwner: (id: string) => boolean;
  /** Called when `config.json` has a new owner. */
  readonly onOwners: (ids: readonly string[]) => void;
  /** True: owners stand in the environment, which wins over `config.json`. */
  readonly ownersFixed: boolean;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Makes an owner of the first person who shows the code that `switchboard pair` has printed. */
export class Admissions {
  readonly #parts: AdmissionParts;
  readonly #now: () => number;
  readonly #attempts = new Attempts(LIMITS);

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Decides about one code that a person shows. Synchronous: of two who show it at once, one is first. */
  admit(person: Person, code: string): Admission {
    const { home, botId, isOwner } = this.#parts;
    const known = isOwner(person.id);
    if (!known && !this.#attempts.allow(person.id)) return { admission: 'too_many_attempts' };
    const pairing = readPairing(home);
    const right = pairing !== null && pairing.bot_id === botId && isCodeOf(pairing, code);
    // Telegram brings an update again that was not confirmed: the same person with the same code is the same pairing.
    if (right && pairing.taken_by?.id === person.id) return this.#finish(pairing, person);
    if (known) return { admission: 'owner_already' };
    if (!right || pairing.taken_by || isExpired(pairing, this.#now())) return { admission: 'refused' };
    const taken: Pairing = { ...pairing, taken_by: { id: person.id, name: person.name } };
    // First of all it is good for nobody else any more, whatever happens to this process.
    return this.#written(taken) ?? this.#finish(taken, person);
  }

  #finish(pairing: Pairing, person: Person): Admission {
    // Who was removed since is not made an owner by an old code, nor told so.
    if (pairing.outcome === 'owner') return { admission: this.#parts.isOwner(person.id) ? 'admitted' : 'refused' };
    const failed = this.#makeOwner(person.id);
    if (failed !== null) {
      this.#parts.log.error({ id: person.id, error: failed }, 'somebody has used the pairing code, but is no owner');
      this.#written({ ...pairing, outcome: { failed } });
      return { admission: 'failed', message: failed };
    }
    this.#parts.log.info({ id: person.id, name: person.name }, 'paired: somebody is an owner now');
    // The owner stands in config.json; that the terminal may not hear of it changes nothing.
    this.#written({ ...pairing, outcome: 'owner' });
    return { admission: 'admitted' };
  }

  /** Why it did not work, or null. */
  #makeOwner(id: string): string | null {
    const { home, ownersFixed, onOwners } = this.#parts;
    if (ownersFixed) {
      return "TELEGRAM_OWNER_ID is set in the hub's environment, which wins over config.json; add the id there.";
    }
    try {
      onOwners(changeOwners(home, (ids) => [...ids, id]));
      return null;
    } catch (error) {
      return `config.json could not be changed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #written(pairing: Pairing): Admission | null {
    try {
      writePairing(this.#parts.home, pairing);
      return null;
    } catch (error) {
      return { admission: 'failed', message: `pairing.json could not be written: ${String(error)}` };
    }
  }
}

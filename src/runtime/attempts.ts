/** How many attempts are allowed within `windowMs`: of one person, and of all together. */
export interface AttemptLimits {
  readonly perPerson: number;
  readonly overall: number;
  readonly windowMs: number;
}

/** Counts attempts by the monotonic clock, so that nobody can try for ever. Memory stays bounded by `overall`. */
export class Attempts {
  readonly #limits: AttemptLimits;
  readonly #now: () => number;
  #recent: { readonly person: string; readonly at: number }[] = [];

  constructor(limits: AttemptLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts an attempt; false when it is one too many, which is not counted. */
  allow(person: string): boolean {
    const { perPerson, overall, windowMs } = this.#limits;
    const now = this.#now();
    this.#recent = this.#recent.filter(({ at }) => now - at < windowMs);
    if (this.#recent.length >= overall) return false;
    if (this.#recent.filter((each) => each.person === person).length >= perPerson) return false;
    this.#recent.push({ person, at: now });
    return true;
  }
}

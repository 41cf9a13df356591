import { useEffect, useState } from 'preact/hooks';

/** Something that changes and that parts of the page follow. */
export class Value<T> {
  readonly #followers = new Set<() => void>();
  #now: T;

  constructor(first: T) {
    this.#now = first;
  }

  get now(): T {
    return this.#now;
  }

  set(next: T): void {
    if (Object.is(next, this.#now)) return;
    this.#now = next;
    for (const follower of [...this.#followers]) follower();
  }

  /** Calls `follower` at every change until the returned function is called. */
  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/** Renders the component again whenever the value changes. */
export function useValue<T>(value: Value<T>): T {
  const [, show] = useState(value.now);
  useEffect(() => {
    const update = () => show(() => value.now);
    update(); // It may have changed since the first rendering.
    return value.follow(update);
  }, [value]);
  return value.now;
}

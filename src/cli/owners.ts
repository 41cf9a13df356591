/** Who may answer by Telegram, as it is now: a hub takes up changes without a restart. */
export class Owners {
  #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  /** Numeric Telegram user ids as text. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Takes up who may answer from now on; false when it is the same as before. */
  replace(ids: readonly string[]): boolean {
    const same = ids.length === this.#ids.length && ids.every((id) => this.#ids.includes(id));
    this.#ids = [...ids];
    return !same;
  }
}

/** Do owners stand in the environment? It wins over `config.json`, so nothing that is written there would count. */
export function ownersAreFixed(env: NodeJS.ProcessEnv): boolean {
  return (env.TELEGRAM_OWNER_ID ?? '').trim() !== '';
}

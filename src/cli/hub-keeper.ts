import type { Config } from '../runtime/config.ts';
import type { Probe } from '../runtime/hub-probe.ts';
import { claimHubStart, HUB_START_MS_MAX } from '../runtime/hub-start-claim.ts';
import { findHub } from './running-hub.ts';
import { startHub } from './start-hub.ts';
import { printError } from './terminal.ts';

const HUB_STARTS_MAX = 3;

/** A hub that has answered, and how its channels are. */
export type RunningHub = Extract<Probe, { found: 'hub' }>;

/** Sees to it that some hub runs while a command needs one. */
export class HubKeeper {
  readonly #config: Config;
  readonly #lookMs: number;
  readonly #onHub: (hub: RunningHub) => void;
  #lookAt = 0;
  #starts = 0;
  #startFrom = 0;

  /** `onHub` is told of the hub at every look, at most once in `lookMs`. */
  constructor(config: Config, lookMs: number, onHub: (hub: RunningHub) => void) {
    this.#config = config;
    this.#lookMs = lookMs;
    this.#onHub = onHub;
  }

  /** Looks, and starts a hub when none runs. False, after saying so: no hub can be had. */
  async look(): Promise<boolean> {
    if (performance.now() < this.#lookAt) return true;
    this.#lookAt = performance.now() + this.#lookMs;
    const { home } = this.#config;
    const probe = await findHub(home);
    if (probe.found === 'hub') {
      this.#onHub(probe);
      this.#starts = 0;
      this.#startFrom = 0;
      return true;
    }
    if (probe.found === 'silent' || performance.now() < this.#startFrom || !claimHubStart(home)) return true;
    this.#starts += 1;
    // Ever longer: on a machine that is busy the first one may only be slow.
    this.#startFrom = performance.now() + HUB_START_MS_MAX * 2 ** (this.#starts - 1);
    if (this.#starts > HUB_STARTS_MAX) {
      printError(`No hub can be started; ${home}/hub.log says why.`);
      return false;
    }
    startHub(home, (error) => printError(`switchboard: no hub could be started: ${String(error)}`));
    return true;
  }
}

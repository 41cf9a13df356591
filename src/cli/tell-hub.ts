import { hubAddress } from '../runtime/hub-address.ts';
import { probeHub } from '../runtime/hub-probe.ts';
import type { ToHub } from '../runtime/hub-wire.ts';
import { printError } from './terminal.ts';

const HUB_ANSWER_MS_MAX = 1_000;

/** Tells the hub, where one runs, that something has changed. A hint only: it looks by itself a little later. */
export async function tellHub(home: string, message: ToHub): Promise<void> {
  try {
    await probeHub(hubAddress(home), HUB_ANSWER_MS_MAX, message);
  } catch (error) {
    printError(`The hub could not be told (${String(error)}); it will see it by itself.`);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../runtime/config.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import { readWebPlace, renewWebToken, type WebPlace, webLink } from '../runtime/web-place.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { HubKeeper, type RunningHub } from './hub-keeper.ts';
import { openInBrowser } from './open-browser.ts';
import { findHub, servedInbox } from './running-hub.ts';
import { print, printable, printError } from './terminal.ts';

const LOOK_MS = 100;
// A hub that has just been started, or takes up new settings, needs a moment until it listens.
const SETTLES_MS = 5_000;
const WAIT_MS_MAX = 15_000;
// A hub looks twice a second.
const TAKEN_MS_MAX = 5_000;

/**
 * Prints the link of the web inbox, and opens it when asked to. Starts a hub where none runs. `newToken`: the link is
 * another one from now on.
 */
export async function showWebInbox(
  config: Config,
  { open, newToken }: { open: boolean; newToken: boolean },
): Promise<ExitCode> {
  makePrivateDirectory(config.home);
  const found = await findInbox(config);
  const place = newToken ? await renewed(config.home, found) : found;
  if (typeof place === 'string') {
    printError(place);
    return EXIT.failed;
  }
  print(webLink(place));
  if (newToken) print('The old link opens nothing any more, nor does a browser that it had let in.');
  if (open) await openInBrowser(config.home, place);
  return EXIT.ok;
}

/** Where the hub that runs serves the inbox; null when it does not (yet), or none runs. */
export async function runningInbox(home: string): Promise<WebPlace | null> {
  const probe = await findHub(home);
  return probe.found === 'hub' ? servedInbox(probe.channels, home) : null;
}

/** Where the inbox is, as soon as it is there, or a sentence about why there is none. */
async function findInbox(config: Config): Promise<WebPlace | string> {
  const { home } = config;
  if (config.web === null) return (await runningInbox(home)) ?? 'The web inbox is off: WEB_PORT says so.';
  let place: WebPlace | null = null;
  let trouble = 'No hub answers yet; try again in a moment.';
  let settledAt = performance.now() + WAIT_MS_MAX;
  const keepHub = new HubKeeper(config, LOOK_MS, (hub) => {
    place = servedInbox(hub.channels, home);
    trouble = troubleOf(hub);
    settledAt = Math.min(settledAt, performance.now() + SETTLES_MS);
  });
  while (performance.now() < settledAt) {
    if (!(await keepHub.look())) return 'Without a hub there is no inbox.';
    if (place) return place;
    await sleep(LOOK_MS);
  }
  return trouble;
}

/** The place with another token, as soon as the hub takes that one alone, or a sentence about why not. */
async function renewed(home: string, found: WebPlace | string): Promise<WebPlace | string> {
  const before = readWebPlace(home);
  if (before) renewWebToken(home, before.port);
  if (typeof found === 'string') return found;
  const deadline = performance.now() + TAKEN_MS_MAX;
  while (performance.now() < deadline) {
    const place = readWebPlace(home);
    if (place && !place.pending && place.token !== found.token) return place;
    await sleep(LOOK_MS);
  }
  return 'The hub that runs has not taken up the new link; the old one still holds. End that hub, and the next takes it up.';
}

function troubleOf({ hub, channels }: RunningHub): string {
  const web = channels.find(({ name }) => name === 'web');
  if (web) return `There is no inbox yet: ${printable(web.detail)}.`;
  return `The hub that runs has no web inbox: it was started with other settings. End it, and another starts: kill ${hub.pid}`;
}

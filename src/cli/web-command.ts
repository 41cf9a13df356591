import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../runtime/config.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import { type WebPlace, webLink } from '../runtime/web-place.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { HubKeeper, type RunningHub } from './hub-keeper.ts';
import { openInBrowser } from './open-browser.ts';
import { findHub, servedInbox } from './running-hub.ts';
import { print, printable, printError } from './terminal.ts';

const LOOK_MS = 100;
// A hub that has just been started, or takes up new settings, needs a moment until it listens.
const SETTLES_MS = 5_000;
const WAIT_MS_MAX = 15_000;

/** Prints the link of the web inbox, and opens it when asked to. Starts a hub where none runs. */
export async function showWebInbox(config: Config, { open }: { open: boolean }): Promise<ExitCode> {
  makePrivateDirectory(config.home);
  const place = await findInbox(config);
  if (typeof place === 'string') {
    printError(place);
    return EXIT.failed;
  }
  print(webLink(place));
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

function troubleOf({ hub, channels }: RunningHub): string {
  const web = channels.find(({ name }) => name === 'web');
  if (web) return `There is no inbox yet: ${printable(web.detail)}.`;
  return `The hub that runs has no web inbox: it was started with other settings. End it, and another starts: kill ${hub.pid}`;
}

import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { SessionId } from '../domain/ids.ts';
import { type Config, homeDirectory, loadConfig } from '../runtime/config.ts';
import { watchConfigFile } from '../runtime/config-watch.ts';
import { makePrivateDirectory } from '../runtime/home.ts';
import { hubAddress } from '../runtime/hub-address.ts';
import { type HubLog, type LogEntry, openHubLog } from '../runtime/hub-log.ts';
import { hubGone } from '../runtime/hub-probe.ts';
import { electHub, type HubServer } from '../runtime/hub-server.ts';
import type { HubInfo } from '../runtime/hub-wire.ts';
import type { Logger } from '../runtime/log.ts';
import { Releases } from '../runtime/releases.ts';
import { listenForEndSignals } from '../runtime/signals.ts';
import { aborted } from '../runtime/waiting.ts';
import { newWebToken, readWebPlace, type WebPlace, webLink } from '../runtime/web-place.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { setupAdvice } from './hub-advice.ts';
import { gatherPeople } from './hub-people.ts';
import type { HubService } from './hub-service.ts';
import { print, printableLine, printError } from './terminal.ts';
import { VERSION } from './version.ts';

export interface HubFlags {
  readonly background: boolean;
  /** Kept running by the system: as in the background, but without an end of its own, and waiting when another runs. */
  readonly service: boolean;
  /** Opens the web inbox in the default browser. */
  readonly open?: boolean;
  readonly home?: string;
}

const WARN = 40;
const ERROR = 50;

/**
 * Runs the hub of this home until it is told to end, is not needed any more, or makes room for a newer one; says who
 * runs when it is not needed at all. `background`: started by a session, ends by itself when none is left.
 */
export async function runHub(flags: HubFlags): Promise<ExitCode> {
  try {
    for (;;) {
      const config = loadConfig(process.env, flags);
      // Whoever starts one makes its place first. One that is gone since, as the place of doctor's check, is not made again.
      if (flags.background && !statSync(config.home, { throwIfNoEntry: false })) {
        printError(`There is no ${config.home} (any more): no hub is needed there. \`switchboard hub\` makes it.`);
        return EXIT.failed;
      }
      makePrivateDirectory(config.home);
      const running = await serve(config, flags);
      if (running === null) return EXIT.ok;
      if (!flags.service) {
        tellWhoRuns(config, running);
        if (!flags.background) await showRunningInbox(config, flags);
        return EXIT.ok;
      }
      // Ending here would make the system start this process again and again.
      await hubGone(hubAddress(config.home), config.timings.slowLook);
    }
  } catch (error) {
    if (isUnseen(flags)) leaveWord(flags, error);
    throw error;
  }
}

/** Nobody sits in front of it: it takes up changed settings by ending, and says everything to its log alone. */
function isUnseen({ background, service }: HubFlags): boolean {
  return background || service;
}

function tellWhoRuns({ home }: Config, { pid, version, since }: HubInfo): void {
  print(
    printableLine(`A hub runs already: pid ${pid}, version ${version}, since ${since}.`),
    '`switchboard status` shows it.',
    `It takes up what changes in ${home}/config.json, but not what is set in this terminal alone.`,
  );
}

/** Returns the hub that runs already; null when this one has served and is to end. */
async function serve(config: Config, flags: HubFlags): Promise<HubInfo | null> {
  const unseen = isUnseen(flags);
  const hubLog = openLog(config, unseen);
  const { log } = hubLog;
  const end = new AbortController();
  const early: [SessionId, string][] = [];
  let service: HubService | null = null;
  // First of all, before telegraf is loaded: nineteen of twenty are not needed.
  const election = await electHub({
    home: config.home,
    version: VERSION,
    log,
    timings: config.timings,
    onLook: (session, directory) => (service ? service.look(session, directory) : early.push([session, directory])),
    onSessionsChanged: () => service?.sessionsChanged(),
    onPresence: () => service?.presenceChanged(),
    onLeave: (reason) => end.abort(reason),
  });
  if (!election.elected) {
    if (flags.service) log.info({ hub_pid: election.running.pid }, 'a hub runs already; taking over when it is gone');
    hubLog.close();
    return election.running;
  }
  const { server } = election;
  endOnTrouble(hubLog);
  const releases = new Releases(log);
  releases.push('hub log', () => hubLog.close());
  releases.push('hub socket', () => server.close());
  const onSignal = (signal: string): void => {
    if (end.signal.aborted) process.exit(EXIT.failed); // Asked twice: whoever waits has waited enough.
    end.abort(signal);
  };
  releases.push('signals', listenForEndSignals(onSignal));
  try {
    const { startHubService } = await import('./hub-service.ts');
    const onChange = (): void => service?.ownersChanged();
    const people = gatherPeople(config, { background: unseen, log, releases, onChange });
    const web = openWeb(config, flags, hubLog);
    service = startHubService({ config, server, log, ...people, ...web });
    for (const [session, directory] of early) service.look(session, directory);
    // Polling stops before the address is free: two pollers on one token refuse each other.
    releases.push('channels', () => service?.stop());
    const settings = { config, background: unseen, flags, log, end, onOwners: people.takeOwners };
    releases.push(
      'settings',
      watchConfigFile(config.home, config.timings.slowLook, () => takeNewSettings(settings)),
    );
    if (flags.background) releases.push('idle end', endWhenIdle({ config, server, service, end }));
    log.info(
      { version: VERSION, home: config.home, background: flags.background, service: flags.service },
      'hub started',
    );
    welcome(config, server, log, unseen);
    await aborted(end.signal);
    log.info({ reason: String(end.signal.reason) }, 'hub ends');
  } finally {
    // Also when the start failed: a hub that holds the address and serves nobody would keep every other one away.
    await releases.releaseAll();
  }
  return null;
}

/** The token of the web inbox, kept from the log, and who is shown the link to it: nobody sees one that runs unseen. */
function openWeb({ home }: Config, flags: HubFlags, hubLog: HubLog) {
  const webToken = readWebPlace(home)?.token ?? newWebToken();
  hubLog.hide(webToken);
  const onWeb = (place: WebPlace): void => void showInbox(home, place, flags.open);
  return { webToken, onWeb: isUnseen(flags) ? undefined : onWeb, onWebToken: hubLog.hide };
}

async function showRunningInbox({ home }: Config, { open }: HubFlags): Promise<void> {
  const { runningInbox } = await import('./web-command.ts');
  const place = await runningInbox(home);
  if (place) await showInbox(home, place, open);
}

async function showInbox(home: string, place: WebPlace, open = false): Promise<void> {
  print(`The inbox: ${webLink(place)}`);
  if (!open) return;
  const { openInBrowser } = await import('./open-browser.ts');
  await openInBrowser(home, place);
}

/** Nobody sees the output of a hub that a session has started: why it could not start stands in the log. */
function leaveWord(flags: HubFlags, error: unknown): void {
  const { log, close } = openHubLog({ home: homeDirectory(process.env, flags.home), secrets: [] });
  log.error({ err: error }, 'the hub could not start');
  close();
}

function openLog(config: Config, unseen: boolean): HubLog {
  const { telegram, proxy, home } = config;
  const secrets = [telegram?.token ?? '', ...proxyPasswords(proxy)];
  return openHubLog({ home, secrets, ...(unseen ? {} : { onEntry: printEntry }) });
}

/** As it stands in the URL, and as it is meant. */
function proxyPasswords(proxy: string | undefined): string[] {
  if (proxy === undefined) return [];
  const { password } = new URL(proxy);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password]; // A lone percent sign: it means itself.
  }
}

/** The log for the eyes of the person in front of it. */
function printEntry({ level, msg, time, pid, ...facts }: LogEntry): void {
  const loud = level >= ERROR ? 'ERROR ' : level >= WARN ? 'warning: ' : '';
  const details = Object.entries(facts).map(([name, value]) => `${name}=${asText(value)}`);
  const line = `${new Date().toLocaleTimeString('sv')}  ${loud}${msg}`;
  print(printableLine(details.length > 0 ? `${line}  (${details.join(', ')})` : line));
}

function asText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  // Of an error its sentence; where it came from stands in the log.
  return 'message' in value ? String(value.message) : JSON.stringify(value);
}

function welcome(config: Config, server: HubServer, log: Logger, unseen: boolean): void {
  for (const warning of config.warnings) log.warn({}, warning);
  if (config.telegram && config.telegram.ownerIds.length === 0) {
    log.warn({}, 'TELEGRAM_OWNER_ID is not set: nobody can answer by Telegram until somebody is paired');
  }
  if (unseen) return;
  const advice = setupAdvice(config);
  print(`Switchboard hub ${VERSION}, pid ${server.info.pid}, home ${config.home}. Ctrl-C ends it.`, ...advice);
}

/** An error that nobody expected leaves a hub in an unknown state. It ends, and the sessions start a sound one. */
function endOnTrouble({ log, close }: HubLog): void {
  const end = (error: unknown): never => {
    log.error({ err: error }, 'unexpected error; the hub ends and the next one goes on');
    close();
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/**
 * A hub that nobody sees leaves when its settings have changed, and the sessions start one with the new ones. Settings
 * that are not possible change nothing: a slip of the pen must not take the hub away.
 */
function takeNewSettings(parts: {
  config: Config;
  background: boolean;
  flags: HubFlags;
  log: Logger;
  end: AbortController;
  onOwners: (ids: readonly string[]) => void;
}): void {
  const { config, background, flags, log, end, onOwners } = parts;
  try {
    const changed = loadConfig(process.env, flags);
    // Who may answer is taken up in place: nobody who pairs, or removes somebody, shall wait for a new hub.
    if (isDeepStrictEqual(settingsOf(changed), settingsOf(config))) onOwners(changed.telegram?.ownerIds ?? []);
    else if (background) end.abort('settings changed');
    else log.warn({}, 'config.json has changed; end this hub and start it again to use the new settings');
  } catch (error) {
    log.error({ err: error }, 'the new settings are not possible; the hub goes on with the old ones');
  }
}

/** All that a hub reads only once. */
function settingsOf({ warnings: _, telegram, ...settings }: Config): object {
  return { ...settings, telegram: telegram && { ...telegram, ownerIds: [] } };
}

/** Ends a hub that has had neither a live session nor an open page for long; returns how to stop looking. */
function endWhenIdle(parts: {
  config: Config;
  server: HubServer;
  service: HubService;
  end: AbortController;
}): () => void {
  const { hubIdle } = parts.config.timings;
  let busyAt = performance.now();
  const look = (): void => {
    const now = performance.now();
    const { server, service } = parts;
    if (server.connected.size > 0 || service.liveSessions() > 0 || service.openPages() > 0) busyAt = now;
    else if (now - busyAt >= hubIdle) parts.end.abort('idle');
  };
  const timer = setInterval(look, Math.max(20, hubIdle / 20));
  return () => clearInterval(timer);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { TelegramChannel } from '../channels/telegram/telegram-channel.ts';
import { WebChannel } from '../channels/web/web-channel.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Channel } from '../relay/channel.ts';
import { Confirmations } from '../relay/confirmations.ts';
import type { History } from '../relay/history.ts';
import type { Transcribe } from '../relay/keep-files.ts';
import { Relay, type RelayParts } from '../relay/relay.ts';
import { SessionHistory } from '../relay/session-history.ts';
import type { Config } from '../runtime/config.ts';
import { canonicalPath } from '../runtime/home.ts';
import type { HubServer } from '../runtime/hub-server.ts';
import type { ChannelReport } from '../runtime/hub-wire.ts';
import type { Logger } from '../runtime/log.ts';
import { readPresence, setPresence } from '../runtime/presence.ts';
import { observer } from '../runtime/processes.ts';
import { watchProjects } from '../runtime/projects.ts';
import { Releases } from '../runtime/releases.ts';
import { detectSleep } from '../runtime/sleep-detector.ts';
import { StateFile } from '../runtime/state-file.ts';
import { transcriber } from '../runtime/transcriber.ts';
import type { WebPlace } from '../runtime/web-place.ts';
import { JsonlStore } from '../store/jsonl/jsonl-store.ts';
import type { Admissions } from './admissions.ts';
import { environmentForOthers } from './environment-for-others.ts';
import type { InvitingBot } from './invitation.ts';
import type { Owners } from './owners.ts';
import { thisPerson } from './this-person.ts';
import { VERSION } from './version.ts';

// Channels say how they are when asked; asking costs a comparison.
const HEALTH_LOOK_MS = 500;
// Within its first seconds a hub's channels come up, and whoever asks then must not hear that they are starting still.
const STARTING_MS = 5_000;
const HEALTH_LOOK_STARTING_MS = 25;
// Longer than a channel needs to finish a request that is under way, shorter than anybody's patience.
const STOP_MS_MAX = 5_000;

/** What an elected hub does: finds the session files and runs the relay with its channels over them. */
export interface HubService {
  look(session: SessionId, sessionsDirectory: string): void;
  sessionsChanged(): void;
  /** It stands in the home that somebody is away, or back. */
  presenceChanged(): void;
  /** Somebody became an owner, or is none any more: new ones are shown what is open. */
  ownersChanged(): void;
  liveSessions(): number;
  /** How many pages of the web inbox are open. */
  openPages(): number;
  /** Stops the channels, lets what is in hand be finished for some seconds, closes the stores. */
  stop(): Promise<void>;
}

/** What an elected hub works with. */
export interface HubServiceParts {
  readonly config: Config;
  readonly server: HubServer;
  readonly log: Logger;
  /** Who may answer by Telegram; may change at any time. */
  readonly owners: Owners;
  /** Decides about pairing codes; null without a bot. */
  readonly admissions: Admissions | null;
  /** Called once Telegram has said who the bot is. */
  readonly onBot?: ((bot: InvitingBot) => void) | undefined;
  /** Opens the web inbox. */
  readonly webToken: string;
  /** Called with every token that opens it later. */
  readonly onWebToken?: ((token: string) => void) | undefined;
  /** Called once the web inbox can be opened. */
  readonly onWeb?: ((place: WebPlace) => void) | undefined;
}

/** Starts the relay with every channel that is set up. */
export function startHubService(parts: HubServiceParts): HubService {
  const { config, server, log, owners } = parts;
  const { timings } = config;
  const end = new AbortController();
  const releases = new Releases(log);
  const sleep = detectSleep(timings);
  releases.push('sleep detector', () => sleep.close());
  const stores = new Map<string, JsonlStore>();
  const telegram = makeTelegram(parts);
  // A project that was removed, e.g. one that set-up or the demo had made, has nothing to look back at.
  const directories = (): string[] => [...stores.keys()].filter((directory) => existsSync(directory));
  const history = new SessionHistory({ directories, live: () => relay.sessions() });
  const web = makeWeb(parts, history);
  const channels = [telegram, web].filter((channel) => channel !== null);
  const here = thisPerson('web');
  const relay = new Relay({
    channels,
    isOwner: ({ channel, id }) =>
      (channel === 'telegram' && owners.ids.includes(id)) || (channel === here.channel && id === here.id),
    admit: (person, code) => parts.admissions?.admit(person, code) ?? { admission: 'refused' },
    observer: () => observer(Date.now(), sleep.silenceUnreliable),
    transcribe: makeTranscriber(config, end.signal),
    confirmations: new Confirmations(config.permissionPin),
    presence: presenceIn(config.home),
    tellSession: (session) => server.look(session),
    log,
    timings,
  });
  const addDirectory = (given: string): string => {
    const directory = canonicalPath(given);
    // One that is not there yet may turn out to be a link to one that is followed already; it is registered, too.
    if (stores.has(directory) || !existsSync(directory)) return directory;
    const store = new JsonlStore({ directory, writer: { role: 'hub', pid: process.pid }, timings, log });
    stores.set(directory, store);
    releases.push('store', () => store.close());
    log.info({ directory }, 'following a sessions directory');
    relay.addStore(directory, store).catch((error: unknown) => {
      log.warn({ directory, error: String(error) }, 'could not read a sessions directory; looking again later');
    });
    return directory;
  };
  watchProjects({ home: config.home, onDirectory: addDirectory, signal: end.signal, timings, log });
  const tell = (reports: readonly ChannelReport[]): void => {
    server.tellChannels(reports);
    web?.tellChannels(reports.filter(({ name }) => name !== web.name));
  };
  releases.push('health', reportHealth(channels, { tell, log, onRecovery: () => relay.retryCards() }));
  const running = relay.run(end.signal);
  return {
    look: (session, directory) => {
      relay.look(session, addDirectory(directory)).catch((error: unknown) => {
        log.warn({ session_id: session, error: String(error) }, 'could not look at a session file');
      });
    },
    sessionsChanged: () => relay.sessionsChanged(),
    presenceChanged: () => relay.presenceChanged(),
    ownersChanged: () => {
      telegram?.ownersChanged();
      relay.retryCards();
    },
    liveSessions: () => relay.liveSessions(),
    openPages: () => web?.pages ?? 0,
    stop: async () => {
      end.abort();
      await Promise.race([running, after(STOP_MS_MAX)]);
      await releases.releaseAll();
    },
  };
}

function presenceIn(home: string): RelayParts['presence'] {
  return { read: () => readPresence(home), set: (away, session) => setPresence(home, away, session) };
}

function makeTelegram({ config, owners, log, onBot }: HubServiceParts): TelegramChannel | null {
  const { home, telegram, proxy, timings } = config;
  if (!telegram) return null;
  const state = new StateFile(join(home, 'telegram.json'), log);
  return new TelegramChannel({ ...telegram, ownerIds: () => owners.ids, proxy, state, timings, log, onBot });
}

function makeWeb({ config, log, webToken, onWeb, onWebToken }: HubServiceParts, history: History): WebChannel | null {
  const { home, web, timings } = config;
  if (!web) return null;
  return new WebChannel({
    home,
    token: webToken,
    port: web.port,
    pageDirectory: fileURLToPath(new URL('./web', import.meta.url)),
    person: thisPerson('web'),
    history,
    version: VERSION,
    onListening: onWeb,
    onToken: onWebToken,
    timings,
    log,
  });
}

function makeTranscriber({ transcribeCommand, timings }: Config, signal: AbortSignal): Transcribe | undefined {
  const environment = environmentForOthers();
  return transcribeCommand && transcriber(transcribeCommand, { environment, limitMs: timings.transcribe, signal });
}

/** Tells sessions, log and `status` how the channels are, whenever that changes; returns how to stop. */
function reportHealth(
  channels: readonly Channel[],
  parts: { tell: (reports: readonly ChannelReport[]) => void; log: Logger; onRecovery: () => void },
): () => void {
  const { tell, log, onRecovery } = parts;
  // Null, and not empty: a hub without any channel says so, too.
  let told: readonly ChannelReport[] | null = null;
  const look = (): void => {
    const reports = channels.map((channel): ChannelReport => ({ name: channel.name, ...channel.health() }));
    if (isDeepStrictEqual(reports, told)) return;
    for (const [index, { name, ok, detail, since, chats = 0 }] of reports.entries()) {
      const before = told?.[index];
      const opened = ok && before?.ok === true && chats > (before.chats ?? 0);
      if (opened) onRecovery();
      // Pages come and go: that is no news of the channel.
      if (before?.ok === ok && before.since === since) continue;
      if (ok || !before) log.info({ channel: name }, detail);
      else log.warn({ channel: name }, detail);
      if (ok && before) onRecovery();
    }
    told = reports;
    tell(reports);
  };
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const keepLooking = (): void => {
    look();
    const starting = performance.now() - startedAt < STARTING_MS;
    timer = setTimeout(keepLooking, starting ? HEALTH_LOOK_STARTING_MS : HEALTH_LOOK_MS);
  };
  keepLooking();
  return () => clearTimeout(timer);
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Person } from '../../domain/records.ts';
import type { Card, Changes, Channel, ChannelHealth, RelayDesk } from '../../relay/channel.ts';
import type { History } from '../../relay/history.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Timings } from '../../runtime/timings.ts';
import { aborted, pause } from '../../runtime/waiting.ts';
import { keepWebPlace, readWebPlace, type WebPlace, webAddress } from '../../runtime/web-place.ts';
import { Door } from './door.ts';
import { EventStreams } from './event-streams.ts';
import { historyRoutes } from './history-routes.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { pageCard } from './page-card.ts';
import { PageFiles } from './page-files.ts';
import { answerRequest } from './requests.ts';
import { listenForBrowsers, type WebServer } from './web-server.ts';
import type { Inbox } from './wire.ts';

// All open pages are one chat: they show the same, and none of them is anybody's own.
const CHAT = 'page';
// How many ports from the wanted one on are tried before any that is free.
const PORTS_TRIED = 20;
// Sessions that come, go and ask in a burst are told of together.
const SESSIONS_MS = 100;
// Whether somebody wants a new token, or has taken the file of the old one away.
const PLACE_LOOK_MS = 500;

/** What a web channel is made of. */
export interface WebChannelParts {
  /** Where token and port are kept, so that link and cookie outlive a hub. */
  readonly home: string;
  /** Opens the inbox: a secret. */
  readonly token: string;
  /** Where to listen; 0: any free port. */
  readonly port: number;
  /** The directory of the built page. */
  readonly pageDirectory: string;
  /** Who answers here: the person in front of this machine. */
  readonly person: Person;
  /** What its second page looks back at. */
  readonly history: History;
  readonly version: string;
  /** Called with every token that comes later: it is a secret, too. */
  readonly onToken?: ((token: string) => void) | undefined;
  /** Called once it listens. */
  readonly onListening?: ((place: WebPlace) => void) | undefined;
  readonly timings: Pick<Timings, 'retryMin' | 'retryMax' | 'pagesBack'>;
  readonly log: Logger;
}

/** Serves the inbox to browsers of this machine: shows questions in pages, and brings back what is answered there. */
export class WebChannel implements Channel {
  readonly name = 'web';
  readonly #parts: WebChannelParts;
  #token: string;
  #door: Door;
  readonly #files: PageFiles;
  readonly #streams = new EventStreams();
  #turn: Promise<void> = Promise.resolve();
  #server: WebServer | null = null;
  #others: Inbox['channels'] = [];
  #trouble = 'The web inbox is starting';
  #since = new Date().toISOString();
  readonly #startedAt = performance.now();
  #sessionsSoon: NodeJS.Timeout | undefined;

  constructor(parts: WebChannelParts) {
    this.#parts = parts;
    this.#token = parts.token;
    this.#door = new Door(parts.token, parts.home);
    this.#files = new PageFiles(parts.pageDirectory);
  }

  /** Questions are shown here while somebody has a page open. */
  chats(): readonly string[] {
    return this.#streams.size > 0 ? [CHAT] : [];
  }

  /** How many pages are open. */
  get pages(): number {
    return this.#streams.size;
  }

  /** The pages that are open have it: `onChange` told them, or it was open when they came. */
  async show(card: Card): Promise<string> {
    await this.#takeTurn();
    return card.question_id;
  }

  /** The same; a page that is opened later sees how it ended. */
  settle(): Promise<void> {
    return this.#takeTurn();
  }

  health(): ChannelHealth {
    const { pages } = this;
    const connecting = pages === 0 && performance.now() - this.#startedAt < this.#parts.timings.pagesBack;
    const facts = { since: this.#since, chats: this.chats().length, ...(connecting && { connecting }) };
    if (!this.#server) return { ok: false, detail: this.#trouble, ...facts };
    const place = webAddress(this.#server);
    if (pages === 0)
      return { ok: true, detail: `${place}, no page open (\`switchboard web\` prints the link)`, ...facts };
    return { ok: true, detail: `${place}, ${pages} ${pages === 1 ? 'page' : 'pages'} open`, ...facts };
  }

  /** Tells the pages how the other channels are. */
  tellChannels(reports: Inbox['channels']): void {
    const channels = reports.map(({ name, ok, detail }) => ({ name, ok, detail }));
    if (isDeepStrictEqual(channels, this.#others)) return;
    this.#others = channels;
    this.#streams.send('channels', channels);
  }

  async run(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    const stopTelling = desk.onChange((changes) => this.#tell(desk, changes));
    const placeTimer = setInterval(() => this.#lookAtPlace(), PLACE_LOOK_MS).unref();
    try {
      await this.#listen(desk, signal);
      await aborted(signal);
    } finally {
      stopTelling();
      clearInterval(placeTimer);
      clearTimeout(this.#sessionsSoon);
      this.#streams.close();
      await this.#server?.close();
      this.#server = null;
    }
  }

  /** One a turn: what follows is written down, and five hundred such in one go would hold up everything else. */
  #takeTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => nextTurn());
    return this.#turn;
  }

  /** Listens sooner or later: what keeps it from that may pass. */
  async #listen(desk: RelayDesk, signal: AbortSignal): Promise<void> {
    const { home, port, person, history, version, timings, log } = this.#parts;
    const surroundings = (): Pick<Inbox, 'build' | 'hub' | 'channels'> => ({
      build: this.#files.build,
      hub: { version, pid: process.pid },
      channels: this.#others,
    });
    const inbox = { desk, streams: this.#streams, person, surroundings };
    const routes = [...inboxRoutes(inbox), ...historyRoutes(history)];
    const parts = { door: () => this.#door, files: this.#files, routes, port: () => this.#server?.port ?? 0, log };
    const serve = (request: IncomingMessage, response: ServerResponse) => void answerRequest(request, response, parts);
    const onError = (error: Error): void => log.warn({ error: String(error) }, 'the web inbox is in trouble');
    for (let wait = timings.retryMin; !signal.aborted; wait = Math.min(timings.retryMax, wait * 2)) {
      try {
        const ports = portsToTry(port, readWebPlace(home)?.port);
        this.#listens(await listenForBrowsers(ports, serve, onError));
        return;
      } catch (error) {
        this.#trouble = `The web inbox cannot listen on 127.0.0.1: ${error instanceof Error ? error.message : error}`;
        await pause(wait, signal).catch(() => undefined); // Aborted: so is this.
      }
    }
  }

  #listens(server: WebServer): void {
    const { home, log, onListening } = this.#parts;
    const place = { token: this.#token, port: server.port };
    this.#server = server;
    this.#since = new Date().toISOString();
    try {
      keepWebPlace(home, place);
    } catch (error) {
      log.warn(
        { error: String(error) },
        'web.json could not be written: the link to the inbox holds until the hub ends',
      );
    }
    onListening?.(place);
  }

  /** Takes up a new token, and writes the place down again where it is not known any more. */
  #lookAtPlace(): void {
    if (!this.#server) return;
    const { home, log, onToken } = this.#parts;
    const { port } = this.#server;
    const place = readWebPlace(home);
    if (place?.token === this.#token && place.port === port && !place.pending) return;
    if (place && place.token !== this.#token) {
      this.#token = place.token;
      this.#door = new Door(place.token, home);
      onToken?.(place.token);
      // Every page has to show that it knows the new one.
      this.#streams.close();
      log.info({}, 'the web inbox has a new token: the links and cookies of before open nothing any more');
    }
    try {
      keepWebPlace(home, { token: this.#token, port });
    } catch {
      // As when it began to listen: what is there holds, and the next look tries again.
    }
  }

  #tell(desk: RelayDesk, { questions, presence }: Changes): void {
    if (this.#streams.size === 0) return;
    if (presence) this.#streams.send('presence', desk.presence());
    for (const question of questions) {
      const card = desk.card(question);
      if (card) this.#streams.send('card', pageCard(card));
    }
    // Also after questions: how many a session has open has changed.
    this.#sessionsSoon ??= setTimeout(() => {
      this.#sessionsSoon = undefined;
      const open = desk.inbox().map(({ question_id }) => question_id);
      this.#streams.send('sessions', { sessions: desk.sessions(), open });
    }, SESSIONS_MS);
  }
}

/** The port of last time first, unless another range is wanted by now; any free one at the end. */
function portsToTry(wanted: number, kept: number | undefined): number[] {
  const range =
    wanted === 0 ? [] : Array.from({ length: PORTS_TRIED }, (_, n) => wanted + n).filter((p) => p <= 65_535);
  if (kept === undefined) return [...range, 0];
  return wanted === 0 || range.includes(kept) ? [kept, ...range, 0] : [...range, kept, 0];
}

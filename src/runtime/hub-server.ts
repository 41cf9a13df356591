import type { Socket } from 'node:net';
import type { SessionId } from '../domain/ids.ts';
import { makePrivateDirectory } from './home.ts';
import { hubAddress } from './hub-address.ts';
import { type HeldAddress, takeAddress } from './hub-election.ts';
import { releaseHubStart } from './hub-start-claim.ts';
import { type ChannelReport, type HubInfo, listenToPeer, send, type ToHub } from './hub-wire.ts';
import type { Logger } from './log.ts';
import { processIdentity } from './processes.ts';
import type { Timings } from './timings.ts';
import { isNewer } from './versions.ts';

// Two hubs that bound at the same moment, each without the lock, shall not both serve until the first slow look.
const FIRST_CHECKS_MS = [20, 100, 500];

/** What a hub-to-be brings along. Callbacks may run before `electHub` has resolved. */
export interface HubServerOptions {
  readonly home: string;
  readonly version: string;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'hubSilence' | 'slowLook'>;
  /** A session, or a command, says that this session's file has news. */
  readonly onLook: (session: SessionId, sessionsDirectory: string) => void;
  /** A session came or went, or somebody went who had not said yet who it is. */
  readonly onSessionsChanged: () => void;
  /** A command has written down that somebody is away, or back. */
  readonly onPresence?: () => void;
  /** This hub is to end in good order, since another one takes its place. Called once. */
  readonly onLeave: (reason: 'newer_version' | 'displaced') => void;
}

/** The hub's end of the local socket. */
export interface HubServer {
  readonly info: HubInfo;
  /** The sessions that hold a connection now. */
  readonly connected: ReadonlySet<SessionId>;
  /** Tells a session that its file has news. */
  look(session: SessionId): void;
  /** Tells all sessions how the channels are, now and to those that come later. */
  tellChannels(channels: readonly ChannelReport[]): void;
  /** Lets go of the address first, so that a successor can have it at once, then of the connections. */
  close(): Promise<void>;
}

/** Who won: this process, with its server, or the hub that runs. */
export type Election =
  | { readonly elected: true; readonly server: HubServer }
  | { readonly elected: false; readonly running: HubInfo };

/**
 * Makes this process the one hub of the home, or says who is. The kernel closes the socket when a process dies, so a
 * dead hub never stands in the way.
 *
 * @throws DirectoryError, HubSilentError or HubAddressError when the address cannot be had.
 */
export async function electHub(options: HubServerOptions): Promise<Election> {
  makePrivateDirectory(options.home);
  const server = new SocketHubServer(options, hubAddress(options.home));
  const held = await server.take();
  releaseHubStart(options.home);
  return 'pid' in held ? { elected: false, running: held } : { elected: true, server };
}

class SocketHubServer implements HubServer {
  readonly info: HubInfo;
  private readonly options: HubServerOptions;
  private readonly address: string;
  private readonly peers = new Map<Socket, SessionId | null>();
  /** Undefined while they are being loaded. */
  private channels: readonly ChannelReport[] | undefined;
  private held: HeldAddress | null = null;
  private guard: NodeJS.Timeout | null = null;
  private leaving: 'newer_version' | 'displaced' | null = null;
  private closed = false;

  constructor(options: HubServerOptions, address: string) {
    this.options = options;
    this.address = address;
    this.info = { ...processIdentity(), version: options.version, since: new Date().toISOString() };
  }

  get connected(): ReadonlySet<SessionId> {
    return new Set([...this.peers.values()].filter((session) => session !== null));
  }

  /** Takes the address and watches that it stays ours; or returns the hub that has it. */
  async take(): Promise<HeldAddress | HubInfo> {
    const { home, timings, log } = this.options;
    const accept = (socket: Socket): void => this.accept(socket);
    const held = await takeAddress({ home, address: this.address, self: this.info, accept, timings, log });
    if ('pid' in held) return held;
    this.held = held;
    held.server.on('error', (error) => log.error({ err: error }, 'the hub socket failed'));
    this.planCheck([...FIRST_CHECKS_MS]);
    return held;
  }

  look(session: SessionId): void {
    for (const [socket, peer] of this.peers) if (peer === session) send(socket, { type: 'look' });
  }

  tellChannels(channels: readonly ChannelReport[]): void {
    this.channels = channels;
    this.broadcast({ type: 'channels', channels: [...channels] });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.guard) clearTimeout(this.guard);
    // The socket's file stays: nobody listens there, which every newcomer sees, and removing it could hit a successor's.
    this.held?.server.close();
    if (this.leaving) this.broadcast({ type: 'leaving' });
    await Promise.all([...this.peers.keys()].map((socket) => endSocket(socket)));
  }

  private accept(socket: Socket): void {
    if (this.closed) {
      socket.destroy();
      return;
    }
    const { log } = this.options;
    this.peers.set(socket, null);
    socket.on('error', (error) => log.debug({ err: error }, 'a connection failed'));
    socket.on('close', () => {
      this.peers.delete(socket);
      // Also one that has not said who it is: a session may die as soon as it has come.
      if (!this.closed) this.options.onSessionsChanged();
    });
    listenToPeer(socket, (message) => this.hear(socket, message));
    send(socket, { type: 'hub', ...this.info, ...(this.channels && { channels: [...this.channels] }) });
  }

  private hear(socket: Socket, message: ToHub): void {
    switch (message.type) {
      case 'session':
        this.peers.set(socket, message.session);
        this.options.onSessionsChanged();
        this.options.onLook(message.session, message.sessions_directory);
        return;
      case 'look':
        this.options.onLook(message.session, message.sessions_directory);
        return;
      case 'presence':
        this.options.onPresence?.();
        return;
      case 'ping':
        send(socket, { type: 'pong' });
        return;
      case 'leave':
        // Never for an equal or older one: two hubs would take turns for ever.
        if (isNewer(message.version, this.info.version)) this.leave('newer_version');
        return;
      default:
        message satisfies never;
    }
  }

  private leave(reason: 'newer_version' | 'displaced'): void {
    if (this.leaving || this.closed) return;
    this.leaving = reason;
    this.options.onLeave(reason);
  }

  private planCheck(soon: number[]): void {
    this.guard = setTimeout(() => {
      if (this.leaving) return;
      if (this.held?.isStillOurs() === false) this.takeAgain(this.held);
      else this.planCheck(soon);
    }, soon.shift() ?? this.options.timings.slowLook);
  }

  /** A hub that nobody can reach must not go on: takes the address again, or leaves when another hub has it. */
  private takeAgain(lost: HeldAddress): void {
    const { log } = this.options;
    log.warn({ address: this.address }, 'the hub socket was removed or replaced; taking the address again');
    this.take().then(
      (result) => {
        if ('pid' in result && result.pid === this.info.pid && result.since === this.info.since) {
          this.planCheck([]); // Some file systems change the numbers of their files: the address still leads here.
          return;
        }
        lost.server.close();
        if ('pid' in result) this.leave('displaced');
        else if (this.closed) result.server.close();
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not take the address again');
        this.leave('displaced');
      },
    );
  }

  private broadcast(message: Parameters<typeof send>[1]): void {
    for (const socket of this.peers.keys()) send(socket, message);
  }
}

/** Lets a peer read what was sent; one that does not read is cut off. */
function endSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), 500);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.end();
  });
}

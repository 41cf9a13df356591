import { connect, type Socket } from 'node:net';
import type { SessionId } from '../domain/ids.ts';
import { hubAddress } from './hub-address.ts';
import { isNobodyThere, killSilentHub, readHubFile } from './hub-probe.ts';
import { claimHubStart, HUB_START_MS_MAX } from './hub-start-claim.ts';
import { type ChannelReport, type FromHub, type HubInfo, listenToHub, send } from './hub-wire.ts';
import type { Logger } from './log.ts';
import type { Timings } from './timings.ts';
import { isNewer } from './versions.ts';

// How long sessions leave the start to the newer hub that asked theirs to leave.
const HOLD_BACK_MS = 2_000;
// A connection that stood for so long shows that the hub works: the next start is not held back by earlier failures.
const SOUND_MS = 10_000;
const START_WAIT_MS_MAX = 60_000;
// A claim that fails ends by itself, so whoever starts a hub is one of many for as long as claims can be had at all. On a
// machine that is busy a hub takes longer than a claim holds, and twenty more would only add to that.
const START_ANYWAY_MS = 4 * HUB_START_MS_MAX;
// An older hub is not asked again and again: if the newer one could not take its place, the older one serves.
const UPGRADE_AGAIN_MS = 10 * 60_000;
// Somebody else was just starting a hub, perhaps no newer one: by then it is known which one serves.
const UPGRADE_HELD_BACK_MS = 5_000;

/** What a session brings along for its connection to the hub. */
export interface HubLinkOptions {
  readonly home: string;
  readonly version: string;
  readonly session: SessionId;
  readonly sessionsDirectory: string;
  /** Starts a hub, detached. Called again, at growing intervals, while none answers. */
  readonly startHub: () => void;
  /** The session's file may have news. */
  readonly onLook: () => void;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'hubPing' | 'hubSilence' | 'slowLook'>;
}

/** A session's connection to the hub: kept up for ever, and never needed for anything but speed. */
export interface HubLink {
  readonly connected: boolean;
  /** How the channels are, as the hub told last; null while there is no hub, or one that loads them still. */
  readonly channels: readonly ChannelReport[] | null;
  /** Tells the hub that this session's file has news. Without a hub it is not told, and looks by itself later. */
  look(): void;
  /** From now on this connection is that of another session: the owner has a new id. */
  announce(session: SessionId): void;
  close(): void;
}

/**
 * Connects a session to the hub and keeps it connected: starts a hub when nobody listens, ends one that stays silent,
 * starts a newer one beside an older one, which makes room. Never throws; trouble is logged and tried again.
 */
export function openHubLink(options: HubLinkOptions): HubLink {
  return new SocketHubLink(options);
}

class SocketHubLink implements HubLink {
  private readonly options: HubLinkOptions;
  private session: SessionId;
  private socket: Socket | null = null;
  /** Who answered on the present connection, and how its channels are. */
  private hub: HubInfo | null = null;
  private reports: readonly ChannelReport[] | null = null;
  private pingTimer: NodeJS.Timeout | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private pingsUnanswered = 0;
  private closed = false;
  // All on the monotonic clock.
  private connectedAt = 0;
  private lostAt = performance.now();
  private startFrom = 0;
  private startAnywayFrom = 0;
  private upgradeFrom = 0;
  /** Hubs started from here since a connection last proved sound. */
  private starts = 0;

  constructor(options: HubLinkOptions) {
    this.options = options;
    this.session = options.session;
    this.planStart(0);
    this.connect();
  }

  get connected(): boolean {
    return this.hub !== null;
  }

  get channels(): readonly ChannelReport[] | null {
    return this.reports;
  }

  look(): void {
    this.tellSession('look');
  }

  announce(session: SessionId): void {
    this.session = session;
    this.tellSession('session');
  }

  close(): void {
    this.closed = true;
    if (this.retryTimer) clearTimeout(this.retryTimer);
    if (this.pingTimer) clearInterval(this.pingTimer);
    this.socket?.destroy();
  }

  private tellSession(type: 'session' | 'look'): void {
    if (!this.socket || !this.hub) return; // It is told on connecting.
    send(this.socket, { type, session: this.session, sessions_directory: this.options.sessionsDirectory });
  }

  private connect(): void {
    this.retryTimer = null;
    let address: string;
    try {
      address = hubAddress(this.options.home);
    } catch (error) {
      this.onClose(error as Error);
      return;
    }
    const socket = connect(address);
    this.socket = socket;
    let failure: NodeJS.ErrnoException | null = null;
    socket.on('connect', () => this.startPings());
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => this.onClose(failure));
    listenToHub(socket, (message) => this.hear(message));
  }

  private hear(message: FromHub): void {
    this.pingsUnanswered = 0;
    switch (message.type) {
      case 'hub': {
        const { type, channels, ...hub } = message;
        this.hub = hub;
        this.reports = channels ?? null;
        this.connectedAt = performance.now();
        this.startFrom = 0;
        this.tellSession('session');
        this.options.log.info({ hub_pid: hub.pid, version: hub.version }, 'connected to the hub');
        this.upgradeOlderHub();
        return;
      }
      case 'channels':
        this.reports = message.channels;
        return;
      case 'look':
        this.options.onLook();
        return;
      case 'leaving':
        // The newer hub is ready and waits for the address; a start from here could take it away.
        this.planStart(HOLD_BACK_MS);
        return;
      case 'pong':
        return;
      default:
        message satisfies never;
    }
  }

  private onClose(failure: NodeJS.ErrnoException | null): void {
    if (this.pingTimer) clearInterval(this.pingTimer);
    this.pingTimer = null;
    this.socket = null;
    if (this.closed) return;
    if (this.hub) this.onHubLost();
    else this.startHubIfDue(failure);
    this.retryTimer = setTimeout(() => this.connect(), this.retryDelay());
  }

  private onHubLost(): void {
    const now = performance.now();
    this.options.log.info({ hub_pid: this.hub?.pid }, 'the hub is gone');
    this.hub = null;
    this.reports = null;
    this.lostAt = now;
    if (now - this.connectedAt >= SOUND_MS) this.starts = 0;
    // The first two starts are free, so that one crash costs no time; a hub that keeps crashing is started ever slower.
    const wait = this.starts < 2 ? 0 : Math.min(START_WAIT_MS_MAX, 250 * 2 ** (this.starts - 2));
    if (this.startFrom < now + wait) this.planStart(wait);
  }

  /** From `waitMs` on a hub may be started by whoever claims it, and a while later by everybody. */
  private planStart(waitMs: number): void {
    this.startFrom = performance.now() + waitMs;
    this.startAnywayFrom = this.startFrom + START_ANYWAY_MS + Math.random() * 500;
  }

  private startHubIfDue(failure: NodeJS.ErrnoException | null): void {
    const now = performance.now();
    if (now < this.startFrom) return;
    if (now < this.startAnywayFrom && !claimHubStart(this.options.home)) return;
    if (failure && !isNobodyThere(failure)) {
      this.options.log.warn({ err: failure }, 'cannot reach the hub socket');
    }
    this.starts += 1;
    // Also how long the new hub may take before it counts as failed.
    this.planStart(Math.min(START_WAIT_MS_MAX, HUB_START_MS_MAX * 2 ** (this.starts - 1)));
    this.startHub('no hub answers');
  }

  private startHub(why: string): void {
    this.options.log.info({ why }, 'starting a hub');
    try {
      this.options.startHub();
    } catch (error) {
      this.options.log.error({ err: error }, 'could not start a hub');
    }
  }

  /** Eager at first, since a person may be pressing a button now; slow when there has been no hub for long. */
  private retryDelay(): number {
    const without = performance.now() - this.lostAt;
    const delay = without < 3_000 ? 25 : without < 30_000 ? 250 : this.options.timings.slowLook;
    return delay * (0.75 + Math.random() / 2);
  }

  private startPings(): void {
    this.pingsUnanswered = 0;
    this.ping();
    this.pingTimer = setInterval(() => this.ping(), this.options.timings.hubPing);
  }

  /**
   * Silence is counted in pings, not in time: after this machine slept, or this process was stopped, the clock says
   * that the hub was silent for hours, while only one ping is open and its answer is about to be read.
   */
  private ping(): void {
    const { hubPing, hubSilence } = this.options.timings;
    if (this.pingsUnanswered >= Math.max(1, Math.ceil(hubSilence / hubPing))) {
      // Answers that have arrived already are read before the verdict.
      const silent = this.socket;
      setImmediate(() => {
        if (silent && silent === this.socket && this.pingsUnanswered > 0) this.replaceSilentHub(silent);
      });
      return;
    }
    this.pingsUnanswered += 1;
    if (this.socket) send(this.socket, { type: 'ping' });
    this.upgradeOlderHub();
  }

  private replaceSilentHub(socket: Socket): void {
    // A hub that never spoke on this connection is the one that left word when it was elected.
    const suspect = this.hub ?? readHubFile(this.options.home);
    const killed = killSilentHub(suspect, { connected: this.hub !== null });
    this.options.log.warn({ hub_pid: suspect?.pid, killed }, 'the hub does not answer; replacing it');
    socket.destroy();
  }

  /** Starts a hub of this version beside an older one; it asks the older one to leave once it is able to serve. */
  private upgradeOlderHub(): void {
    if (!this.hub || !isNewer(this.options.version, this.hub.version)) return;
    const now = performance.now();
    if (now < this.upgradeFrom) return;
    const claimed = claimHubStart(this.options.home);
    this.upgradeFrom = now + (claimed ? UPGRADE_AGAIN_MS : UPGRADE_HELD_BACK_MS);
    if (claimed) this.startHub('the running hub is older');
  }
}

import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type {
  JsonSchemaType,
  JsonSchemaValidator,
  jsonSchemaValidator,
} from '@modelcontextprotocol/sdk/validation/types.js';
import { TelegramChannel } from '../../../src/channels/telegram/telegram-channel.ts';
import { Door } from '../../../src/channels/web/door.ts';
import { WebChannel } from '../../../src/channels/web/web-channel.ts';
import type { SessionId } from '../../../src/domain/ids.ts';
import type { Observer, ProcessFacts } from '../../../src/domain/liveness.ts';
import { runMcp } from '../../../src/mcp/run-mcp.ts';
import { Confirmations } from '../../../src/relay/confirmations.ts';
import { Relay } from '../../../src/relay/relay.ts';
import { loadConfig } from '../../../src/runtime/config.ts';
import { TIMINGS, type Timings } from '../../../src/runtime/timings.ts';
import type { JsonlStoreOptions } from '../../../src/store/jsonl/jsonl-store.ts';
import { OWNER_ID } from '../line.ts';
import { memoryPresence } from '../memory-presence.ts';
import { silentLog } from '../silent-log.ts';
import { NO_HISTORY } from '../web-line.ts';
import type { PageWay } from './history-person.ts';
import { MortalStore } from './mortal-store.ts';

export const HISTORY_TIMINGS: Timings = {
  ...TIMINGS,
  heartbeat: 400,
  slowLook: 60,
  slowLookWaiting: 20,
  // A question that is asked for one minute expires within the history.
  minute: 40,
  telegramChat: 0,
  telegramGroup: 0,
  telegramOverall: 0,
  telegramPoll: 2_000,
  telegramOutage: 20,
  telegramRead: 0,
  telegramTopics: 1_000,
  telegramQuiet: 5,
  retryMin: 2,
  retryMax: 20,
};

const ajv = new AjvJsonSchemaValidator();
const compiled = new Map<string, ReturnType<typeof ajv.getValidator>>();
/** Every session has the same tools: to compile their schemas for each client took a third of the time. */
const compiledOnce: jsonSchemaValidator = {
  getValidator: <T>(schema: JsonSchemaType) => {
    const key = JSON.stringify(schema);
    const validator = compiled.get(key) ?? ajv.getValidator(schema);
    compiled.set(key, validator);
    return validator as JsonSchemaValidator<T>;
  },
};

/** What the processes of one history share: where they are, who of them lives, and how to reach the others. */
export interface World {
  readonly home: string;
  readonly directory: string;
  readonly token: string;
  readonly apiPort: number;
  /** Opens the page of every hub. */
  readonly webToken: string;
  /** Living processes by their pid. */
  readonly alive: Map<number, ProcessFacts>;
  /** Does the file system tell of changes? Asked by every process as it starts. */
  readonly watch: () => JsonlStoreOptions['watch'];
  tellHubs(session: SessionId): void;
  tellSession(session: SessionId): void;
}

const storeOf = (world: World, role: 'mcp' | 'hub', pid: number): MortalStore => {
  const watch = world.watch();
  return new MortalStore({
    directory: world.directory,
    writer: { role, pid },
    timings: HISTORY_TIMINGS,
    log: silentLog,
    ...(watch ? { watch } : {}),
  });
};

/** A hub in this process, which can die as one of its own: its connections are cut, and nothing more of it is written. */
export class HubLife {
  readonly store: MortalStore;
  readonly #network: Network;
  readonly #relay: Relay;
  readonly #end = new AbortController();
  #page: { readonly network: Network; readonly way: PageWay } | null = null;
  alive = true;

  private constructor(world: World, pid: number, network: Network) {
    this.#network = network;
    this.store = storeOf(world, 'hub', pid);
    const telegram = new TelegramChannel({
      token: world.token,
      ownerIds: () => [String(OWNER_ID)],
      apiRoot: network.url,
      inbox: 'off',
      remindMinutes: 0,
      timings: HISTORY_TIMINGS,
      log: silentLog,
    });
    const web = new WebChannel({
      home: world.home,
      token: world.webToken,
      port: 0,
      pageDirectory: world.home,
      person: { channel: 'web', id: String(OWNER_ID), name: 'Ada' },
      history: NO_HISTORY,
      version: '0.1.0',
      onListening: ({ port }) => void this.#openPage(world, port),
      timings: HISTORY_TIMINGS,
      log: silentLog,
    });
    this.#relay = new Relay({
      channels: [telegram, web],
      isOwner: ({ id }) => id === String(OWNER_ID),
      observer: () => observerOf(world),
      confirmations: new Confirmations(undefined),
      presence: memoryPresence(),
      tellSession: (session) => world.tellSession(session),
      log: silentLog,
      timings: HISTORY_TIMINGS,
    });
    void this.#relay.run(this.#end.signal);
    void this.#relay.addStore(world.directory, this.store);
  }

  static async start(world: World, pid: number): Promise<HubLife> {
    return new HubLife(world, pid, await Network.open(world.apiPort));
  }

  /** Where its page is; null until it listens, and when it is dead. */
  get page(): PageWay | null {
    return this.#page?.way ?? null;
  }

  async #openPage({ webToken, home }: World, port: number): Promise<void> {
    const network = await Network.open(port);
    const [cookie = ''] = new Door(webToken, home).setCookie.split(';');
    if (!this.alive) return network.close();
    this.#page = { network, way: { port: network.port, host: `127.0.0.1:${port}`, cookie } };
  }

  look(session: SessionId): void {
    if (!this.alive) return;
    this.#relay.look(session).catch(() => undefined);
  }

  sessionsChanged(): void {
    if (this.alive) this.#relay.sessionsChanged();
  }

  stop(): void {
    this.store.stop();
    this.#network.stop();
    this.#page?.network.stop();
  }

  go(): void {
    this.store.go();
    this.#network.go();
    this.#page?.network.go();
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#network.close();
    this.#page?.network.close();
    this.#page = null;
    this.store.die();
    this.#end.abort();
  }
}

/** A session's server in this process with the official client on its other end. It can die as one of its own. */
export class SessionLife {
  readonly pid: number;
  readonly store: MortalStore;
  readonly client: Client;
  /** Every id it has gone on under, the newest last. */
  readonly ids: SessionId[] = [];
  readonly #world: World;
  readonly #end = new AbortController();
  readonly #opened = new EventEmitter();
  #onLook: () => void = () => undefined;
  alive = true;

  private constructor(world: World, pid: number, client: Client) {
    this.#world = world;
    this.pid = pid;
    this.client = client;
    this.store = storeOf(world, 'mcp', pid);
    world.alive.set(pid, { started_at: '1' });
  }

  static async start(world: World, pid: number): Promise<SessionLife> {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const session = new SessionLife(
      world,
      pid,
      new Client({ name: 'claude-code', version: '2' }, { jsonSchemaValidator: compiledOnce }),
    );
    session.#run(far);
    await session.client.connect(near);
    await session.client.listTools();
    if (session.ids.length === 0) await once(session.#opened, 'opened');
    return session;
  }

  look(): void {
    if (this.alive) this.#onLook();
  }

  stop(): void {
    this.store.stop();
  }

  go(): void {
    this.store.go();
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#world.alive.delete(this.pid);
    this.store.die();
    this.#end.abort('killed');
    void this.client.close();
  }

  #run(transport: InMemoryTransport): void {
    const world = this.#world;
    const hear = (id: SessionId): void => {
      this.ids.push(id);
      this.#opened.emit('opened');
      world.tellHubs(id);
    };
    void runMcp({
      openStore: async () => this.store,
      openLink: async (id, onLook) => {
        this.#onLook = onLook;
        hear(id);
        return {
          connected: true,
          channels: [],
          look: () => world.tellHubs(this.ids.at(-1) ?? id),
          announce: hear,
          close: () => undefined,
        };
      },
      startHub: async () => undefined,
      identity: () => ({ pid: this.pid, process_started_at: '1', host: 'desk', boot_id: 'b', pid_namespace: 'n' }),
      workingDirectory: world.directory,
      projectDirectory: world.directory,
      host: {
        settings: loadConfig({ SWITCHBOARD_HOME: world.directory }).claude,
        headless: false,
        userHome: world.directory,
        switchboardHome: world.directory,
        sessionsDirectory: world.directory,
        messaging: null,
        isAway: async () => false,
      },
      version: '0.1.0',
      timings: HISTORY_TIMINGS,
      log: silentLog,
      transport,
      signal: this.#end.signal,
    });
  }
}

function observerOf({ alive }: World): Observer {
  return {
    now: Date.now(),
    host: 'desk',
    boot_id: 'b',
    pid_namespace: 'n',
    process: (pid) => alive.get(pid) ?? 'absent',
    booted_at: null,
    silence_unreliable: true,
  };
}

/** The network of one process: everything it sends goes through here, until it is cut. */
class Network {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }

  static async open(port: number): Promise<Network> {
    const server = createServer();
    const network = new Network(server, port);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  go(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of [...this.#sockets]) socket.destroy();
  }
}

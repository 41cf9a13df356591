import { setTimeout as sleep } from 'node:timers/promises';
import type { McpPlace } from './mcp-client.ts';
import { type RunningCommand, type StartOptions, startSwitchboard, until } from './switchboard.ts';

/** What a server says to one request. */
export interface RawReply {
  readonly id?: unknown;
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { text: string }[];
    [key: string]: unknown;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** One `switchboard mcp` of the built command, to whose stdin a test writes whatever it likes. */
export class RawMcp {
  readonly command: RunningCommand;
  private read = 0;
  private readonly replies = new Map<unknown, RawReply[]>();
  private last = 0;

  private constructor(command: RunningCommand) {
    this.command = command;
  }

  /** Starts it and shakes hands. It ends with the test. */
  static async start(
    { home, project }: McpPlace,
    { env, client = 'claude-code', ...options }: Omit<StartOptions, 'home'> & { client?: string } = {},
  ): Promise<RawMcp> {
    const given = { CLAUDE_PROJECT_DIR: project, ...env };
    const raw = new RawMcp(startSwitchboard(['mcp'], { cwd: project, ...options, home, env: given }));
    const clientInfo = { name: client, version: '2.1.329' };
    await raw.ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    raw.tell('notifications/initialized');
    return raw;
  }

  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.command.child.stdin?.write(bytes);
  }

  tell(method: string, params: object = {}): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`);
  }

  /** Sends a request and returns its id. `params`: JSON text. */
  send(method: string, params: string): string {
    this.last += 1;
    const id = `r${this.last}`;
    this.write(`{"jsonrpc":"2.0","id":"${id}","method":${JSON.stringify(method)},"params":${params}}\n`);
    return id;
  }

  /** Sends a request and waits for what it says. */
  async ask(method: string, params: object = {}): Promise<RawReply> {
    return this.reply(this.send(method, JSON.stringify(params)));
  }

  async call(name: string, given: object): Promise<RawReply> {
    return this.ask('tools/call', { name, arguments: given });
  }

  /** What came for an id, as soon as it is there. */
  async reply(id: unknown): Promise<RawReply> {
    await until(
      () => this.repliesTo(id).length > 0,
      () =>
        `a reply to ${id}; it has said:\n${this.command.stdout.slice(-2_000)}\n${this.command.stderr.slice(-2_000)}`,
    );
    return this.repliesTo(id)[0] ?? {};
  }

  /** All that has come for an id so far. Fails on a line of stdout that is no message. */
  repliesTo(id: unknown): readonly RawReply[] {
    const { stdout } = this.command;
    for (let end = stdout.indexOf('\n', this.read); end !== -1; end = stdout.indexOf('\n', this.read)) {
      const line = stdout.slice(this.read, end);
      this.read = end + 1;
      const message = JSON.parse(line) as RawReply & { jsonrpc?: unknown; method?: unknown };
      if (message.jsonrpc !== '2.0') throw new Error(`No MCP message on stdout: ${line.slice(0, 300)}`);
      if (message.method === undefined)
        this.replies.set(message.id, [...(this.replies.get(message.id) ?? []), message]);
    }
    return this.replies.get(id) ?? [];
  }

  /** Lets requests that wait for a person be, after a moment for the others, and waits until it is done with all of them. */
  async settle(ids: readonly string[], ms: number): Promise<void> {
    const open = (): string[] => ids.filter((id) => this.repliesTo(id).length === 0);
    await this.ask('ping');
    for (const began = performance.now(); open().length > 0 && performance.now() - began < ms; ) await sleep(5);
    for (const requestId of open()) this.tell('notifications/cancelled', { requestId, reason: 'enough' });
    await this.ask('ping');
  }
}

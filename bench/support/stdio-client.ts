import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { now } from './clock.ts';
import { heard } from './remote.ts';

interface Waiting {
  readonly resolve: (answer: { result: unknown; at: number }) => void;
  readonly reject: (error: Error) => void;
}

/** The least that an MCP client must do over stdio: what it takes itself is not to be seen in what is measured. */
export class StdioClient {
  readonly child: ChildProcessWithoutNullStreams;
  stderr = '';
  private readonly waiting = new Map<number, Waiting>();
  private requests = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const at = now();
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.hear(JSON.parse(line), at);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    child.stdin.on('error', (error) => this.end(error));
    child.on('close', () => this.end(new Error(`The server has ended:\n${this.stderr}`)));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Shakes hands and fetches the tools, one after the other as clients do; when the list was there. */
  async listTools(): Promise<number> {
    await this.request('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'claude-code', version: '2.1.329' },
    });
    this.write({ method: 'notifications/initialized' });
    return (await this.request('tools/list', {})).at;
  }

  /** Calls a tool; `at` is when its result was there. */
  call<T>(name: string, input: object): Promise<T & { at: number }> {
    return heard(this.result<T>(name, input));
  }

  private async result<T>(name: string, input: object): Promise<T & { at: number }> {
    const { result, at } = await this.request('tools/call', { name, arguments: input });
    const { structuredContent, isError, content } = result as {
      structuredContent: T;
      isError?: boolean;
      content: unknown;
    };
    if (isError) throw new Error(`${name} failed: ${JSON.stringify(content)}`);
    return { ...structuredContent, at };
  }

  private request(method: string, params: object): Promise<{ result: unknown; at: number }> {
    this.requests += 1;
    const id = this.requests;
    const answer = new Promise<{ result: unknown; at: number }>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.write({ id, method, params });
    });
    return heard(answer);
  }

  private write(message: object): void {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  private hear(message: { id?: number; result?: unknown; error?: { message: string } }, at: number): void {
    const call = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (!call || message.id === undefined) return;
    this.waiting.delete(message.id);
    if (message.error) call.reject(new Error(message.error.message));
    else call.resolve({ result: message.result, at });
  }

  private end(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

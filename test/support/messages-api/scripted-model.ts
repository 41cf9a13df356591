import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './stream.ts';
import {
  blocksOf,
  type MessagesBody,
  type TextBlock,
  type ToolResultBlock,
  type ToolUseBlock,
  textOf,
} from './wire.ts';

/** What the model does when its turn comes: a message, or a function that makes one of what it is sent. */
export type Turn = Reply | ((request: ModelRequest) => Reply | Promise<Reply>);

/** A message that only says something; it ends the turn. */
export function says(text: string): [TextBlock] {
  return [{ type: 'text', text }];
}

/** A message that calls a tool; several are joined by `[...uses(a), ...uses(b)]`. */
export function uses(name: string, input: object): [ToolUseBlock] {
  return [{ type: 'tool_use', id: `toolu_${randomUUID().replaceAll('-', '').slice(0, 24)}`, name, input }];
}

/** One request as it reached the model. */
export class ModelRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: MessagesBody;

  constructor(headers: IncomingHttpHeaders, body: MessagesBody) {
    this.headers = headers;
    this.body = body;
  }

  /** The names of the tools that it was offered with a schema. */
  get tools(): string[] {
    return (this.body.tools ?? []).map(({ name }) => name);
  }

  /** The text of the newest entry of the user, without results of tools. */
  get prompt(): string {
    return textOf(this.#newest.filter(({ type }) => type === 'text'));
  }

  /** The results of tools in the newest entry of the user. */
  get toolResults(): { text: string; isError: boolean }[] {
    return this.#newest
      .filter((block): block is ToolResultBlock => block.type === 'tool_result')
      .map(({ content, is_error }) => ({ text: textOf(content), isError: is_error === true }));
  }

  /** The text of all results of tools in the newest entry of the user. */
  get toolResult(): string {
    return this.toolResults.map(({ text }) => text).join('\n');
  }

  get #newest() {
    const newest = this.body.messages.findLast(({ role }) => role === 'user');
    return newest ? blocksOf(newest) : [];
  }
}

/** The model of one Claude Code instance: it plays its turns in their order and keeps every request. */
export class ScriptedModel {
  readonly name: string;
  readonly requests: ModelRequest[] = [];
  readonly #turns: Turn[] = [];
  readonly #asides: { when: (request: ModelRequest) => boolean; turns: Turn[] }[] = [];

  constructor(name: string, turns: readonly Turn[]) {
    this.name = name;
    this.#turns.push(...turns);
  }

  /** More turns after those that are left. */
  plays(...turns: Turn[]): this {
    this.#turns.push(...turns);
    return this;
  }

  /** Turns of a conversation beside the main one, e.g. a subagent's. */
  aside(when: (request: ModelRequest) => boolean, ...turns: Turn[]): this {
    this.#asides.push({ when, turns });
    return this;
  }

  /** Turns that are still to come. */
  get left(): number {
    return this.#turns.length;
  }

  /** The message that a request gets; null when the script has none for it. */
  async reply(request: ModelRequest): Promise<Reply | null> {
    this.requests.push(request);
    const turns = this.#asides.find(({ when }) => when(request))?.turns ?? this.#turns;
    const turn = turns.shift();
    if (turn === undefined) return null;
    return typeof turn === 'function' ? turn(request) : turn;
  }
}

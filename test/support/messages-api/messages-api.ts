import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { readBody } from '../bot-api/http-messages.ts';
import { mistakeIn } from './rules.ts';
import { ModelRequest, ScriptedModel, type Turn } from './scripted-model.ts';
import { stream, whole } from './stream.ts';
import type { MessagesBody } from './wire.ts';

/**
 * A stand-in of the Messages API on loopback. Each Claude Code instance has a base URL and a scripted model of its own.
 * A request that the real API would refuse, that no script foresees or that goes elsewhere is refused and noted.
 */
export class MessagesApi {
  /** What was wrong, in words; empty after a run in which everything was foreseen. */
  readonly surprises: string[] = [];
  readonly #models = new Map<string, ScriptedModel>();
  readonly #http = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  async close(): Promise<void> {
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  /** A model for one instance, with the turns that it plays. */
  model(...turns: Turn[]): ScriptedModel {
    const model = new ScriptedModel(`model-${this.#models.size + 1}`, turns);
    this.#models.set(model.name, model);
    return model;
  }

  /** What goes into ANTHROPIC_BASE_URL of the instance that this model speaks to. */
  baseUrl(model: ScriptedModel): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/${model.name}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    try {
      const body = (await readBody(request)).toString();
      const [, name = '', path = ''] = /^\/([^/]+)(\/[^?]*)/.exec(url) ?? [];
      const model = this.#models.get(name);
      // The program looks whether somebody is there.
      if (method === 'HEAD' && model) return void response.writeHead(200).end();
      if (method !== 'POST' || !model) return this.#refuse(response, 404, `${method} ${url} is not served`);
      if (path === '/v1/messages/count_tokens')
        return json(response, 200, { input_tokens: Math.ceil(body.length / 4) });
      if (path !== '/v1/messages') return this.#refuse(response, 404, `${method} ${url} is not served`);
      await this.#message(model, new ModelRequest(request.headers, JSON.parse(body) as MessagesBody), response);
    } catch (error) {
      // Whoever asked has gone; that is news only when it was not the one who asked.
      if (response.destroyed) return;
      this.#refuse(response, 400, `${method} ${url}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  async #message(model: ScriptedModel, request: ModelRequest, response: ServerResponse): Promise<void> {
    const { body, headers } = request;
    const mistake = mistakeIn(headers, body);
    if (mistake) return this.#refuse(response, 400, mistake);
    const reply = await model.reply(request);
    if (!reply) return this.#refuse(response, 400, `no turn is left for: ${request.prompt || request.toolResult}`);
    if (body.stream) stream(response, body.model, reply);
    else json(response, 200, whole(body.model, reply));
  }

  #refuse(response: ServerResponse, status: 400 | 404, message: string): void {
    this.surprises.push(message);
    const type = status === 404 ? 'not_found_error' : 'invalid_request_error';
    json(response, status, { type: 'error', error: { type, message } });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A Messages API for the running test, which fails if anything was not foreseen. */
export async function startMessagesApi(): Promise<MessagesApi> {
  const api = new MessagesApi();
  await api.listen();
  onTestFinished(async () => {
    await api.close();
    if (api.surprises.length > 0) throw new Error(`The Messages API was surprised:\n${api.surprises.join('\n')}`);
  });
  return api;
}

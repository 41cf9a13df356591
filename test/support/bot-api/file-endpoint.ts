import type { ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import type { Files } from './files.ts';
import { send } from './http-messages.ts';
import { ApiRefusal } from './wire.ts';

/** Hands out a file at `/file/bot<token>/<path>`; faults of the method `download` meet it. */
export async function serveFile(
  url: string,
  response: ServerResponse,
  { token, files, faults }: { token: string; files: Files; faults: Faults },
): Promise<void> {
  const fault = faults.next('download');
  if (fault?.kind === 'reset') return void response.socket?.resetAndDestroy();
  if (fault?.kind === 'hold') await fault.until;
  if (fault?.kind === 'status') return send(response, new ApiRefusal(fault.code, fault.description ?? 'Bad Gateway'));
  const [, given, path = ''] = /^\/file\/bot([^/]+)\/(.+)$/.exec(url) ?? [];
  const content = given === token ? files.at(path) : undefined;
  if (!content) return send(response, new ApiRefusal(404, 'Not Found'));
  response.setHeader('content-type', 'application/octet-stream').end(content);
}

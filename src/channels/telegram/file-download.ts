import http from 'node:http';
import https from 'node:https';
import { BotFault } from './bot-client.ts';

/** How to fetch a file. */
export interface DownloadOptions {
  readonly agent: http.Agent | undefined;
  readonly signal: AbortSignal;
  /** More than so many bytes are not taken. */
  readonly bytesMax: number;
}

/**
 * Where a file lies that the Bot API names by a path: nowhere but below `root`, whatever the path says.
 *
 * @throws BotFault
 */
export function fileUrl(root: string, path: unknown): string {
  const parts = typeof path === 'string' ? path.split('/') : [];
  // A URL with one of these would be cut back to a place above, among the bot's own methods.
  const leadsOut = parts.some((part) => part === '' || part === '.' || part === '..');
  if (parts.length === 0 || leadsOut) throw new BotFault('refused', 'the file has no path of the Bot API');
  return `${root}/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')}`;
}

/**
 * Fetches a file whole. The URL holds the bot's token and stands in no error.
 *
 * @throws BotFault
 */
export function download(url: string, { agent, signal, bytesMax }: DownloadOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const lost = (error: NodeJS.ErrnoException) =>
      reject(new BotFault('network', error.code ?? 'the connection broke while a file was fetched'));
    const get = url.startsWith('https:') ? https.get : http.get;
    const request = get(url, { agent, signal }, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode !== 200) {
        response.resume();
        return reject(refusal(statusCode));
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= bytesMax) return void chunks.push(chunk);
        reject(new BotFault('refused', FILE_TOO_BIG));
        request.destroy();
      });
      response.on('error', lost);
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    request.on('error', lost);
  });
}

/** As the Bot API says it of files that are known to be larger than it hands out. */
const FILE_TOO_BIG = 'file is too big';

function refusal(status: number): BotFault {
  const message = `${status} of a file`;
  if (status === 429) return new BotFault('flood', message, 1000);
  return new BotFault(status >= 500 ? 'server' : 'refused', message);
}

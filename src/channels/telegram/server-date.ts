import http from 'node:http';
import https from 'node:https';
import { BotFault } from './bot-client.ts';

/**
 * Asks a Bot API server for nothing but the date of its answer, without a token; null when it gives none.
 *
 * @throws BotFault
 */
export function askServerDate(
  root: string,
  options: { readonly agent: http.Agent | undefined; readonly signal: AbortSignal },
): Promise<Date | null> {
  return new Promise((resolve, reject) => {
    const { request } = root.startsWith('https:') ? https : http;
    const asked = request(`${root}/`, { method: 'HEAD', ...options }, (response) => {
      response.resume();
      const date = new Date(response.headers.date ?? '');
      resolve(Number.isNaN(date.getTime()) ? null : date);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      reject(new BotFault('network', error.code ?? 'the connection broke'));
    });
    asked.end();
  });
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { replaceFile } from '../runtime/home.ts';
import { type WebPlace, webLink } from '../runtime/web-place.ts';
import { environmentForOthers } from './environment-for-others.ts';
import { printError } from './terminal.ts';

// An opener that finds no browser says so within this time; one that is still there then is the browser itself.
const OPENER_MS_MAX = 3_000;

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', win32: 'explorer.exe' };

/**
 * Opens the web inbox in the default browser, or says that this is not possible. Everybody on this machine may read the
 * arguments of a process, so the browser gets the link by a file that only this person can read.
 */
export async function openInBrowser(home: string, place: WebPlace): Promise<void> {
  const page = join(home, 'open-inbox.html');
  try {
    replaceFile(
      page,
      `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${webLink(place)}">\n`,
    );
    await open(page);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    printError(`No browser could be opened (${why}); open the link yourself.`);
  }
}

function open(path: string): Promise<void> {
  const command = OPENERS[process.platform] ?? 'xdg-open';
  return new Promise((resolve, reject) => {
    const env = environmentForOthers();
    const opener = spawn(command, [path], { env, detached: true, stdio: 'ignore', windowsHide: true });
    const timer = setTimeout(resolve, OPENER_MS_MAX);
    opener.on('error', reject);
    opener.on('exit', (status) => {
      clearTimeout(timer);
      // The one of Windows says 1 when all went well.
      if (status === 0 || process.platform === 'win32') resolve();
      else reject(new Error(`${command} ended with status ${status}`));
    });
    opener.unref();
  });
}

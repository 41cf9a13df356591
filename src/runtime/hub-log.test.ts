import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { openHubLog } from './hub-log.ts';

describe('the log of the hub', () => {
  it('holds one JSON object a line, for the eyes of its user alone', () => {
    const home = temporaryDirectory();
    const { log, close } = openHubLog({ home, secrets: [] });
    log.info({ session_id: 's', question_id: 'q' }, 'one\ntwo');
    close();
    const path = join(home, 'hub.log');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      session_id: 's',
      question_id: 'q',
      msg: 'one\ntwo',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never holds a secret, wherever it stood', () => {
    const home = temporaryDirectory();
    const token = '123456789:AAfakefakefakefakefakefakefakefake12';
    const { log, close } = openHubLog({ home, secrets: ['pass"word', ''] });
    const error = new Error(`request to https://api.telegram.org/bot${token}/getMe failed`);
    log.error({ err: error, proxy: 'http://u:pass"word@proxy' }, `with ${token}`);
    close();
    const text = readFileSync(join(home, 'hub.log'), 'utf8');
    expect(text).not.toContain('fakefake');
    expect(text).not.toContain('word@');
    expect(text).toContain('getMe failed');
  });

  it('begins a new file when one is full and keeps three old ones', () => {
    const home = temporaryDirectory();
    const path = join(home, 'hub.log');
    for (const name of ['', '.1', '.2', '.3']) writeFileSync(path + name, `old${name}\n`);
    truncateSync(path, 6 * 1024 * 1024);
    const { log, close } = openHubLog({ home, secrets: [] });
    log.info({}, 'into the full file, which is then put away');
    log.info({}, 'into a new file');
    close();
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(1);
    expect(statSync(`${path}.1`).size).toBeGreaterThan(6 * 1024 * 1024);
    expect(readFileSync(`${path}.2`, 'utf8')).toBe('old.1\n');
    expect(readFileSync(`${path}.3`, 'utf8')).toBe('old.2\n');
    expect(existsSync(`${path}.4`)).toBe(false);
  });

  it('goes on when it cannot be written, and again when it can', () => {
    const home = join(temporaryDirectory(), 'home');
    const { log, close } = openHubLog({ home, secrets: [] });
    expect(() => log.info({}, 'there is no such directory')).not.toThrow();
    close();
    rmSync(home, { force: true });
  });
});

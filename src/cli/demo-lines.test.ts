import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../runtime/config.ts';
import { keepWebPlace } from '../runtime/web-place.ts';
import { placeLines } from './demo-lines.ts';

const SINCE = '2026-11-20T10:00:00.000Z';
const TOKEN = { TELEGRAM_BOT_TOKEN: '123456:x' };

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'swb-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
});

const config = (env: Record<string, string> = {}): Config => loadConfig({ SWITCHBOARD_HOME: home, ...env });
const report = (name: string, ok: boolean, detail = 'as it is') => ({ name, ok, detail, since: SINCE });
const text = (...args: Parameters<typeof placeLines>): string => placeLines(...args).lines.join('\n');

describe('where the demo says that its questions can be answered', () => {
  it('is the web inbox, with the link that opens it, as long as the hub serves it', () => {
    keepWebPlace(home, { token: 'a'.repeat(32), port: 4681 });
    const served = placeLines(config(), [report('web', true)], [], 'switchboard');
    expect(served.inbox).toEqual({ token: 'a'.repeat(32), port: 4681 });
    expect(served.lines.join('\n')).toContain(`http://127.0.0.1:4681/?token=${'a'.repeat(32)}`);
    // One that was served by an earlier hub.
    const gone = placeLines(config(), [report('web', false, 'no port is free')], [], 'switchboard');
    expect(gone.inbox).toBe(null);
    expect(gone.lines.join('\n')).toContain('not now: no port is free');
    expect(text(config(), [], [], 'switchboard')).not.toContain('browser');
  });

  it('is Telegram when somebody can answer there, else what is missing for that', () => {
    const owned = config({ ...TOKEN, TELEGRAM_OWNER_ID: '7' });
    const telegram = (ok: boolean) => [report('telegram', ok, 'Telegram cannot be reached')];
    expect(text(owned, telegram(true), [], 'switchboard')).toContain('a card for each is in your chat');
    expect(text(owned, telegram(false), [], 'switchboard')).toContain('not now: Telegram cannot be reached');
    expect(text(config(TOKEN), telegram(false), [], 'switchboard')).toContain('`switchboard pair`');
    expect(text(owned, [], [], 'switchboard')).toContain('the hub that runs was started without your bot');
    expect(text(config(), [], [], 'switchboard')).toContain('`switchboard setup`');
  });
});

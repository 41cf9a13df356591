import { chmodSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { ConfigError, loadConfig } from './config.ts';
import { TIMINGS } from './timings.ts';

const TOKEN = '123456789:AAsecretsecretsecretsecretsecret';

function homeWith(config: unknown): string {
  const home = temporaryDirectory();
  writeFileSync(join(home, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config), {
    mode: 0o600,
  });
  return home;
}

function complaint(env: Record<string, string>, config: unknown = {}): string {
  const home = homeWith(config);
  try {
    loadConfig({ SWITCHBOARD_HOME: home, ...env });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(home, '<home>');
  }
  throw new Error('no complaint');
}

describe('loadConfig', () => {
  it('works without any setting', () => {
    const home = temporaryDirectory();
    expect(loadConfig({ SWITCHBOARD_HOME: home })).toEqual({ home, telegram: null, timings: TIMINGS, warnings: [] });
    expect(loadConfig({}).home).toBe(join(homedir(), '.switchboard'));
  });

  it('takes a flag over the environment over config.json, and an empty value for none', () => {
    const home = homeWith({ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_OWNER_ID: [11, '22'], TELEGRAM_CHAT_ID: -100 });
    const env = { SWITCHBOARD_HOME: '/elsewhere', TELEGRAM_CHAT_ID: '7', TELEGRAM_BOT_TOKEN: '' };
    expect(loadConfig(env, { home })).toMatchObject({
      home,
      telegram: { token: TOKEN, ownerIds: ['11', '22'], chatId: '7', apiRoot: 'https://api.telegram.org' },
    });
  });

  it('reads owners, proxy, API root and timings as people write them', () => {
    const config = loadConfig({
      SWITCHBOARD_HOME: temporaryDirectory(),
      TELEGRAM_BOT_TOKEN: ` ${TOKEN}\n`,
      TELEGRAM_OWNER_ID: '11 , 22,33',
      TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/',
      https_proxy: 'proxy.example:3128',
      SWITCHBOARD_TIMINGS: '{"hubIdle": 5}',
    });
    expect(config.telegram).toEqual({ token: TOKEN, ownerIds: ['11', '22', '33'], apiRoot: 'http://127.0.0.1:8081' });
    expect(config.proxy).toBe('http://proxy.example:3128');
    expect(config.timings).toEqual({ ...TIMINGS, hubIdle: 5 });
  });

  it('says in one line which key is impossible, where, and what is wanted; never what was given', () => {
    const secret = 'my-secret-value';
    const complaints = [
      complaint({ TELEGRAM_BOT_TOKEN: secret }),
      complaint({ TELEGRAM_OWNER_ID: `@${secret}` }),
      complaint({ TELEGRAM_CHAT_ID: secret }),
      complaint({ TELEGRAM_API_ROOT: `ftp://${secret}` }),
      complaint({ HTTPS_PROXY: `http://user:${secret}@` }),
      complaint({ SWITCHBOARD_TIMINGS: `{"${secret}": 1}` }),
      complaint({ SWITCHBOARD_TIMINGS: '{"hubIdle": -1}' }),
      complaint({}, { TELEGRAM_BOT_TOKEN: secret }),
      complaint({}, { TELEGRAM_BOT_TOKEN: [secret, { a: true }, null] }),
      complaint({}, `{"TELEGRAM_BOT_TOKEN": "${secret}"`),
      complaint({}, [secret]),
      complaint({ SWITCHBOARD_HOME: `relative/${secret}` }),
    ];
    for (const line of complaints) {
      expect(line).not.toContain(secret);
      expect(line).not.toContain('\n');
      expect(line).toMatch(/wanted is/);
    }
    expect(complaints[0]).toBe(
      'TELEGRAM_BOT_TOKEN in the environment is not possible: wanted is a bot token as @BotFather gives it: digits, a colon, letters and digits.',
    );
    expect(complaints[7]).toContain('TELEGRAM_BOT_TOKEN in <home>/config.json');
  });

  it('refuses unknown keys in config.json and names the known ones', () => {
    expect(complaint({}, { TELEGRAM_TOKEN: TOKEN })).toBe(
      '"TELEGRAM_TOKEN" in <home>/config.json is not a known key: wanted are TELEGRAM_BOT_TOKEN, TELEGRAM_OWNER_ID, ' +
        'TELEGRAM_CHAT_ID, TELEGRAM_API_ROOT, HTTPS_PROXY, SWITCHBOARD_SESSIONS_DIR, SWITCHBOARD_TIMINGS.',
    );
  });

  it('warns when others can read config.json', () => {
    const home = homeWith({});
    chmodSync(join(home, 'config.json'), 0o644);
    expect(loadConfig({ SWITCHBOARD_HOME: home }).warnings).toEqual([expect.stringContaining('chmod 600')]);
  });
});

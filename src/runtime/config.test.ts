import { chmodSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { loadConfig } from './config.ts';
import { ConfigError } from './config-file.ts';
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
    expect(loadConfig({ SWITCHBOARD_HOME: home })).toEqual({
      home,
      telegram: null,
      web: { port: 4680 },
      claude: {
        deskSeconds: 0,
        finishedCard: 'off',
        notifications: false,
        dangerRules: { off: new Set(), patterns: [] },
      },
      timings: TIMINGS,
      warnings: [],
    });
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

  it('takes the transcriber as words, or as a list when a word holds spaces', () => {
    const command = (value: unknown) => loadConfig({ SWITCHBOARD_HOME: homeWith({ TRANSCRIBE_COMMAND: value }) });
    expect(command('whisper  --language auto').transcribeCommand).toEqual(['whisper', '--language', 'auto']);
    expect(command(['/my tools/w', 'a,b', '']).transcribeCommand).toEqual(['/my tools/w', 'a,b', '']);
    const alias = loadConfig({ SWITCHBOARD_HOME: homeWith({ 'transcribe.command': 'whisper' }) });
    expect(alias.transcribeCommand).toEqual(['whisper']);
    const group = (transcribe: object) => loadConfig({ SWITCHBOARD_HOME: homeWith({ transcribe }) }).transcribeCommand;
    expect(group({ command: ['whisper', '--file'] })).toEqual(['whisper', '--file']);
    expect(() => group({ comand: 'whisper' })).toThrow('"transcribe.comand" in ');
    expect(complaint({ TRANSCRIBE_COMMAND: '["" ]' })).toContain('a program and its arguments');
    expect(complaint({ TRANSCRIBE_COMMAND: '[1' })).toContain('a program and its arguments');
  });

  it('takes a webhook, listening on loopback unless it is told where', () => {
    const webhook = (more: object) =>
      loadConfig({
        SWITCHBOARD_HOME: temporaryDirectory(),
        TELEGRAM_BOT_TOKEN: TOKEN,
        TELEGRAM_WEBHOOK_URL: 'https://hooks.example.org/bot',
        ...more,
      }).telegram?.webhook;
    const url = 'https://hooks.example.org/bot';
    expect(webhook({})).toEqual({ url, listen: { host: '127.0.0.1', port: 8787 } });
    expect(webhook({ TELEGRAM_WEBHOOK_LISTEN: '0.0.0.0:80' })).toEqual({ url, listen: { host: '0.0.0.0', port: 80 } });
    expect(webhook({ TELEGRAM_WEBHOOK_LISTEN: '[::1]:0' })).toEqual({ url, listen: { host: '::1', port: 0 } });
    expect(webhook({ TELEGRAM_WEBHOOK_URL: '' })).toBeUndefined();
    const plain = { TELEGRAM_WEBHOOK_URL: 'http://10.0.0.1/bot' };
    expect(() => webhook(plain)).toThrow('TELEGRAM_WEBHOOK_URL is not possible: Telegram posts to https URLs only.');
    expect(webhook({ ...plain, TELEGRAM_API_ROOT: 'http://127.0.0.1:8081' })?.url).toBe('http://10.0.0.1/bot');
    expect(() => webhook({ TELEGRAM_WEBHOOK_LISTEN: '8787' })).toThrow(/TELEGRAM_WEBHOOK_LISTEN in the environment/);
    expect(() => webhook({ TELEGRAM_WEBHOOK_LISTEN: '127.0.0.1:70000' })).toThrow(ConfigError);
  });

  it('takes how to get attention: where an inbox stands, and when to remind; 0 is never', () => {
    const { telegram } = loadConfig({
      SWITCHBOARD_HOME: homeWith({ TELEGRAM_REMIND_MINUTES: 0 }),
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_INBOX: 'on',
    });
    expect(telegram).toMatchObject({ inbox: 'on', remindMinutes: 0 });
    expect(complaint({ TELEGRAM_INBOX: 'yes' })).toContain('wanted is on, off or auto');
    expect(complaint({ TELEGRAM_REMIND_MINUTES: '-1' })).toContain('a number of minutes from 0 (never) to 1440');
    expect(complaint({ TELEGRAM_REMIND_MINUTES: '1441' })).toContain('TELEGRAM_REMIND_MINUTES in the environment');
  });

  it("takes how Claude Code's own questions and permissions are shown", () => {
    const home = homeWith({
      DESK_SECONDS: 30,
      FINISHED_CARD: 'away',
      CLAUDE_NOTIFICATIONS: 'on',
      DANGEROUS_PATTERNS: ['deploy.{1,3}prod, now', '!root'],
      PERMISSION_PIN: '0042',
    });
    expect(loadConfig({ SWITCHBOARD_HOME: home })).toMatchObject({
      claude: {
        deskSeconds: 30,
        finishedCard: 'away',
        notifications: true,
        dangerRules: { off: new Set(['root']), patterns: [/deploy.{1,3}prod, now/iu] },
      },
      permissionPin: '0042',
    });
    const env = { SWITCHBOARD_HOME: home, DANGEROUS_PATTERNS: '["x{2,}"]' };
    expect(loadConfig(env).claude.dangerRules.patterns).toEqual([/x{2,}/iu]);
  });

  it.each([
    ['DESK_SECONDS', '3601'],
    ['FINISHED_CARD', 'sometimes'],
    ['CLAUDE_NOTIFICATIONS', 'yes'],
    ['DANGEROUS_PATTERNS', 'rm'],
    ['HTTPS_PROXY', 'nope'],
    ['HTTPS_PROXY', 'socks5://proxy.example:1080'],
    ['PERMISSION_PIN', '12'],
    ['PERMISSION_PIN', '12ab'],
  ])('refuses %s that is %s, without quoting it', (key, value) => {
    expect(complaint({ [key]: value })).toMatch(new RegExp(`^${key} in the environment is not possible: wanted is `));
  });

  it('says which entry of DANGEROUS_PATTERNS is not possible, and which rules there are', () => {
    const lead = 'DANGEROUS_PATTERNS in the environment is not possible: entry 2 of the list ';
    for (const entry of ['(', '(a+)+']) {
      const line = complaint({ DANGEROUS_PATTERNS: JSON.stringify(['deploy', entry]) });
      expect(line).toContain(`${lead}is no such expression; wanted is a JSON list of regular expressions`);
    }
    const unknown = complaint({}, { DANGEROUS_PATTERNS: ['!root', '!nope'] });
    expect(unknown).toMatch(
      /: entry 2 of the list turns off what is no built-in rule; there are rm-recursive, .+, long; /,
    );
    expect(unknown).not.toContain('nope');
  });

  it('leaves the proxy out when NO_PROXY names the Bot API', () => {
    const proxy = (more: Record<string, string>) =>
      loadConfig({ SWITCHBOARD_HOME: temporaryDirectory(), HTTPS_PROXY: 'http://p:1', ...more }).proxy;
    expect(proxy({})).toBe('http://p:1');
    expect(proxy({ no_proxy: 'localhost,.telegram.org' })).toBeUndefined();
    expect(proxy({ NO_PROXY: 'example.org' })).toBe('http://p:1');
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
        'TELEGRAM_CHAT_ID, TELEGRAM_API_ROOT, ' +
        'TELEGRAM_WEBHOOK_URL, TELEGRAM_WEBHOOK_LISTEN, TELEGRAM_INBOX, TELEGRAM_REMIND_MINUTES, ' +
        'WEB_PORT, HTTPS_PROXY, NO_PROXY, TRANSCRIBE_COMMAND, DESK_SECONDS, FINISHED_CARD, CLAUDE_NOTIFICATIONS, DANGEROUS_PATTERNS, PERMISSION_PIN, SWITCHBOARD_SESSIONS_DIR, SWITCHBOARD_TIMINGS, transcribe.command.',
    );
  });

  it.each([
    ['WEB_PROT', 'WEB_PORT'],
    ['web_port', 'WEB_PORT'],
    ['TELEGRAM_BOT_TOKN', 'TELEGRAM_BOT_TOKEN'],
  ])('says which key was meant by %s', (key, meant) => {
    const line = `"${key}" in <home>/config.json is not a known key: ${meant} is; did you mean that?`;
    expect(complaint({}, { [key]: TOKEN })).toBe(line);
  });

  it('says where config.json stops being JSON, and quotes nothing of it', () => {
    const line = complaint({}, `{\n  "TELEGRAM_OWNER_ID": 7,\n  "TELEGRAM_BOT_TOKEN": "${TOKEN}" 7\n}`);
    expect(line).toMatch(
      /^<home>\/config.json is not readable as settings, from line 3, column \d+ on: wanted is a JSON /,
    );
    expect(line).not.toContain(TOKEN.slice(0, 5));
    expect(complaint({}, `{"TELEGRAM_BOT_TOKEN": ${TOKEN.slice(10)}}`)).not.toContain('secret');
  });

  it('takes a port for the web inbox, any free one, or none', () => {
    const home = homeWith({ WEB_PORT: 5000 });
    expect(loadConfig({ SWITCHBOARD_HOME: home }).web).toEqual({ port: 5000 });
    expect(loadConfig({ SWITCHBOARD_HOME: home, WEB_PORT: '0' }).web).toEqual({ port: 0 });
    expect(loadConfig({ SWITCHBOARD_HOME: home, WEB_PORT: 'off' }).web).toBe(null);
    expect(complaint({ WEB_PORT: '65536' })).toBe(
      'WEB_PORT in the environment is not possible: wanted is a port for the web inbox (default 4680), 0 for any that is free, or off.',
    );
    expect(complaint({}, { WEB_PORT: '-1' })).toMatch(/^WEB_PORT in <home>\/config\.json is not possible/);
  });

  it('warns when others can read config.json', () => {
    const home = homeWith({});
    chmodSync(join(home, 'config.json'), 0o644);
    expect(loadConfig({ SWITCHBOARD_HOME: home }).warnings).toEqual([expect.stringContaining('chmod 600')]);
  });
});

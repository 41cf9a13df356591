import { mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Config, loadConfig, SETTING_NAMES } from '../../src/runtime/config.ts';
import { parseConfigFile } from '../../src/runtime/config-file.ts';
import { fenced, page, pages, tableRows } from '../support/docs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// The table of docs/configuration.md against the program. Where a default cannot be read from the settings alone, the
// program is asked what it does without the key.

const CONFIGURATION = page('docs/configuration.md');
const TOKEN = '123456:a-token';
/** Set outside of `config.json` only, so it is none of its keys. */
const HOME = 'SWITCHBOARD_HOME';

const code = (cell = ''): string => /`([^`]+)`/.exec(cell)?.[1] ?? '';
const rows = tableRows(CONFIGURATION, 'key').map(([key, , standard, example]) => ({
  key: code(key),
  standard: standard ?? '',
  example: code(example),
}));

/** What the settings become with this one set, beside a bot. */
function settingsWith(key: string, value: string): Config {
  const home = temporaryDirectory();
  return loadConfig({ [HOME]: home, TELEGRAM_BOT_TOKEN: TOKEN, [key]: value });
}

/** What of the settings a key is about, and what it is by default as the page writes it. */
const DEFAULTS: Record<string, (bare: Config) => string> = {
  DESK_SECONDS: ({ claude }) => String(claude.deskSeconds),
  FINISHED_CARD: ({ claude }) => claude.finishedCard,
  CLAUDE_NOTIFICATIONS: ({ claude }) => (claude.notifications ? 'on' : 'off'),
  WEB_PORT: ({ web }) => String(web?.port),
  TELEGRAM_API_ROOT: ({ telegram }) => telegram?.apiRoot ?? '',
  TELEGRAM_WEBHOOK_LISTEN: () => {
    const { host, port } =
      settingsWith('TELEGRAM_WEBHOOK_URL', 'https://hooks.example.org/').telegram?.webhook?.listen ?? {};
    return `${host}:${port}`;
  },
};

/** Defaults that stand elsewhere than in the settings: the line that says them. */
const DEFAULTS_IN: Record<string, readonly [file: string, line: (standard: string) => string]> = {
  SWITCHBOARD_SESSIONS_DIR: ['src/cli/mcp-command.ts', (directory) => `SESSIONS_DIRECTORY = '${directory}'`],
  TELEGRAM_REMIND_MINUTES: ['src/channels/telegram/telegram-channel.ts', (minutes) => `REMIND_MINUTES = ${minutes};`],
  TELEGRAM_INBOX: ['src/channels/telegram/telegram-channel.ts', (mode) => `inbox ?? '${mode}'`],
  [HOME]: ['src/runtime/config.ts', (home) => `join(homedir(), '${home.replace('~/', '')}')`],
};

describe('docs/configuration.md', () => {
  it('names every setting, each once, and no other', () => {
    expect(rows.map(({ key }) => key).sort()).toEqual([HOME, ...SETTING_NAMES].sort());
  });

  it.each(rows)('says the default of $key as the program has it', ({ key, standard }) => {
    const bare = loadConfig({ [HOME]: temporaryDirectory(), TELEGRAM_BOT_TOKEN: TOKEN });
    const fromSettings = DEFAULTS[key];
    const elsewhere = DEFAULTS_IN[key];
    if (fromSettings) expect(code(standard)).toBe(fromSettings(bare));
    else if (elsewhere) expect(page(elsewhere[0]).text).toContain(elsewhere[1](code(standard)));
    else expect(standard).toMatch(/^none\b/);
  });

  it.each(rows)('gives an example of $key that the program takes, and that changes something', ({ key, example }) => {
    if (key === HOME) return expect(isAbsolute(example)).toBe(true);
    if (key === 'NO_PROXY') return expect(example.split(',')).toHaveLength(2);
    const home = temporaryDirectory();
    const bare = loadConfig({ [HOME]: home });
    // A webhook's address is read only beside its URL; a key of a bot beside a bot.
    const beside = { [HOME]: home, TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_WEBHOOK_URL: 'https://hooks.example.org/x' };
    expect(loadConfig({ ...beside, [key]: example })).not.toEqual(
      key === 'TELEGRAM_BOT_TOKEN' ? bare : loadConfig(beside),
    );
  });

  it('shows only settings in JSON that the program takes, here and on every other page', () => {
    const blocks = pages().flatMap((each) => fenced(each, 'json').map((text) => ({ path: each.path, text })));
    expect(blocks.length).toBeGreaterThan(2);
    for (const { path, text } of blocks) {
      const home = join(temporaryDirectory(), 'home');
      mkdirSync(home);
      const file = join(home, 'config.json');
      writeFileSync(file, text, { mode: 0o600 });
      expect(Object.keys(parseConfigFile(file, text)), path).not.toEqual([]);
      expect(loadConfig({ [HOME]: home }).warnings, path).toEqual([]);
    }
  });
});

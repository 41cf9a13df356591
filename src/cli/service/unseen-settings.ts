import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../runtime/config.ts';
import { asText, parseConfigFile } from '../../runtime/config-file.ts';

// A session's own business: the hub is told where each session's file lies.
const NOT_FOR_THE_HUB: ReadonlySet<string> = new Set(['SWITCHBOARD_SESSIONS_DIR']);

/** The settings that this environment has and `config.json` has not, or not so: a service would not know them. */
export function unseenSettings(home: string, env: NodeJS.ProcessEnv): string[] {
  const written: Record<string, unknown> = { ...configFile(home) };
  return SETTING_NAMES.filter((name) => {
    const here = env[name]?.trim() || (/PROXY$/.test(name) ? env[name.toLowerCase()]?.trim() : '');
    return here && !NOT_FOR_THE_HUB.has(name) && asText(written[name]) !== here;
  });
}

function configFile(home: string): object {
  const path = join(home, 'config.json');
  try {
    return parseConfigFile(path, readFileSync(path, 'utf8'));
  } catch {
    return {}; // Not there; or not readable, which every command has said before it comes here.
  }
}

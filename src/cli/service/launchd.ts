import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HubProgram, mustRun, run, type ServiceManager, type ServiceState } from './manager.ts';

const LABEL = 'claude-switchboard.hub';
// A service that was stopped this moment is still being cleared away, and cannot be started again yet.
const BOOTSTRAP_ATTEMPTS_MAX = 10;
const BOOTSTRAP_AGAIN_MS = 500;

/** The agents of a user of macOS. */
export function launchd(hub: HubProgram): ServiceManager {
  const file = join(homedir(), 'Library', 'LaunchAgents', `${LABEL}.plist`);
  const domain = `gui/${process.getuid?.()}`;
  const service = `${domain}/${LABEL}`;
  const isLoaded = (): boolean => run('launchctl', ['print', service]).ok;
  return {
    file,
    text: plistText(hub),
    whyNot: () => {
      const { ok, why } = run('launchctl', ['print', domain]);
      return ok ? null : `nobody is logged in at the screen of this Mac as this user (${why})`;
    },
    load: async (changed) => {
      mustRun('launchctl', ['enable', service]);
      if (isLoaded() && !changed) return mustRun('launchctl', ['kickstart', service]);
      if (isLoaded()) mustRun('launchctl', ['bootout', service]);
      for (let attempt = 1; attempt < BOOTSTRAP_ATTEMPTS_MAX; attempt += 1) {
        if (run('launchctl', ['bootstrap', domain, file]).ok) return;
        await sleep(BOOTSTRAP_AGAIN_MS);
      }
      mustRun('launchctl', ['bootstrap', domain, file]);
    },
    unload: () => {
      if (isLoaded()) mustRun('launchctl', ['bootout', service]);
    },
    forget: () => undefined,
    state: () => stateOf(run('launchctl', ['print', service])),
    advice: ['It starts when you log in and ends when you log out.'],
  };
}

function stateOf({ ok, out }: { ok: boolean; out: string }): ServiceState {
  const pid = Number(/^\s*pid = (\d+)$/m.exec(out)?.[1] ?? 0);
  const words = ok ? (/^\s*state = (.+)$/m.exec(out)?.[1] ?? 'loaded') : 'not loaded';
  return { enabled: ok, pid: pid > 0 ? pid : null, words };
}

function plistText({ node, program, home }: HubProgram): string {
  const words = [node, program, 'hub', '--service'].map((word) => `    <string>${escaped(word)}</string>`);
  const environment = [
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    '    <key>SWITCHBOARD_HOME</key>',
    `    <string>${escaped(home ?? '')}</string>`,
    '  </dict>',
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<!-- Written by `switchboard service install`; `switchboard service uninstall` removes it. -->',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${LABEL}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words,
    '  </array>',
    ...(home === null ? [] : environment),
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <true/>',
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

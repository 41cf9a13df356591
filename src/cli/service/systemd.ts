import { homedir } from 'node:os';
import { join } from 'node:path';
import { type HubProgram, mustRun, run, type ServiceManager, type ServiceState } from './manager.ts';

const UNIT = 'switchboard-hub.service';

/** The user's own systemd. */
export function systemd(hub: HubProgram, env: NodeJS.ProcessEnv): ServiceManager {
  const config = env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return {
    file: join(config, 'systemd', 'user', UNIT),
    text: unitText(hub),
    whyNot: () => {
      if (/['"\\]/.test(hub.node)) return `systemd takes no program whose path has quotes or backslashes: ${hub.node}`;
      const { ok, why } = run('systemctl', ['--user', 'show', '--property=Version']);
      return ok ? null : `no systemd runs for this user (${why})`;
    },
    load: async (changed) => {
      systemctl('daemon-reload');
      systemctl('enable', '--now', UNIT);
      if (changed) systemctl('restart', UNIT);
    },
    unload: () => systemctl('disable', '--now', UNIT),
    forget: () => systemctl('daemon-reload'),
    state: readState,
    advice: [
      'It starts when you log in and ends when you log out. On a server, to keep it without a login:',
      '  loginctl enable-linger',
    ],
  };
}

function systemctl(...args: string[]): void {
  mustRun('systemctl', ['--user', ...args]);
}

function readState(): ServiceState {
  const properties = ['ActiveState', 'SubState', 'UnitFileState', 'MainPID'].map((name) => `--property=${name}`);
  const { out } = run('systemctl', ['--user', 'show', UNIT, ...properties]);
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(out)?.[1] ?? '';
  const pid = Number(value('MainPID'));
  return {
    enabled: value('UnitFileState') === 'enabled',
    pid: pid > 0 ? pid : null,
    words: `${value('ActiveState') || 'unknown'} (${value('SubState') || 'unknown'})`,
  };
}

function unitText({ node, program, home }: HubProgram): string {
  // The first word is a path, in which systemd replaces no variables; in the others `$` begins one.
  const command = [quoted(node), quoted(program).replaceAll('$', '$$$$'), 'hub', '--service'].join(' ');
  return [
    '# Written by `switchboard service install`; `switchboard service uninstall` removes it.',
    '[Unit]',
    'Description=Switchboard hub: one inbox for the questions of your Claude Code instances',
    '# The hub ends when its settings change or a newer version takes over: that is no failure to give up on.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `ExecStart=${command}`,
    ...(home === null ? [] : [`Environment=${quoted(`SWITCHBOARD_HOME=${home}`)}`]),
    'Restart=always',
    'RestartSec=2',
    '# An impossible setting: `hub.log` says which; starting again would not mend it.',
    'RestartPreventExitStatus=2',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** A word as systemd reads it back: in quotes, without the specifiers that a percent sign begins. */
function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

import { spawn } from 'node:child_process';
import { makePrivateDirectory } from '../runtime/home.ts';

// What a hub needs of the environment of the session that happens to start it. Everything else stays behind: it
// outlives that session, and the tokens of its Claude Code are no business of the hub.
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_RUNTIME_DIR|SWITCHBOARD_\w+|TELEGRAM_\w+|WEB_PORT|TRANSCRIBE_COMMAND|PERMISSION_PIN|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|USERNAME)$/i;

/** The part of an environment that a hub gets. */
export function hubEnvironment(env: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([name, value]) => PASSED_ON.test(name) && value !== undefined);
  return { ...Object.fromEntries(passed), SWITCHBOARD_HOME: home };
}

/**
 * Starts a hub that lives on when this process ends: in a process group of its own, with no stream of ours open.
 * `onFailure` is told when it could not be started.
 */
export function startHub(home: string, onFailure: (error: Error) => void): void {
  const [, program = ''] = process.argv;
  try {
    makePrivateDirectory(home);
  } catch (error) {
    onFailure(error as Error);
    return;
  }
  const hub = spawn(process.execPath, [program, 'hub', '--background'], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    cwd: home,
    env: hubEnvironment(process.env, home),
  });
  hub.on('error', onFailure);
  hub.unref();
}

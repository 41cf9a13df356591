// Stands in for systemctl and launchctl: records its arguments, and does to the service's process what they would do.
// Called as `node service-manager-stand-in.mjs <systemctl|launchctl> <state file> <arguments…>`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [name, stateFile, ...args] = process.argv.slice(2);
const state = existsSync(stateFile)
  ? JSON.parse(readFileSync(stateFile, 'utf8'))
  : { calls: [], pid: 0, loaded: false };
state.calls.push([name, ...args].join(' '));

function isAlive() {
  try {
    // Of a zombie, which nobody may have fetched yet, the system says no words.
    return state.pid > 0 && readFileSync(`/proc/${state.pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

function start({ command, environment }) {
  if (isAlive()) return;
  // As little as a program has that no terminal has started.
  const { PATH, HOME, SWITCHBOARD_TEST_RUN } = process.env;
  const child = spawn(command[0], command.slice(1), {
    detached: true,
    stdio: 'ignore',
    env: { PATH, HOME, SWITCHBOARD_TEST_RUN, ...environment },
  });
  child.unref();
  state.pid = child.pid;
}

function stop() {
  if (isAlive()) process.kill(state.pid, 'SIGTERM');
  while (isAlive()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  state.pid = 0;
}

function end(code, { out = '', error = '' } = {}) {
  writeFileSync(stateFile, JSON.stringify(state));
  process.stdout.write(out);
  process.stderr.write(error);
  process.exit(code);
}

/** Words in double quotes or without, as systemd reads them. */
function words(text) {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain).replace(/\\(.)/g, '$1').replaceAll('%%', '%'),
  );
}

function readUnit() {
  const directory = process.env.XDG_CONFIG_HOME ?? join(process.env.HOME, '.config');
  const text = readFileSync(join(directory, 'systemd/user/switchboard-hub.service'), 'utf8');
  const value = (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  const [program, ...rest] = words(value('ExecStart'));
  const command = [program, ...rest.map((word) => word.replaceAll('$$', '$'))];
  const environment = Object.fromEntries(words(value('Environment')).map((word) => word.split(/=(.*)/s, 2)));
  return { command, environment };
}

function readPlist(file) {
  const text = readFileSync(file, 'utf8');
  const strings = (part) =>
    [...part.matchAll(/<string>(.*?)<\/string>/gs)].map(([, inside]) =>
      inside.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    );
  const command = strings(/<array>(.*?)<\/array>/s.exec(text)?.[1] ?? '');
  const [home] = strings(/<key>SWITCHBOARD_HOME<\/key>(.*?)<\/dict>/s.exec(text)?.[1] ?? '');
  return { command, environment: home === undefined ? {} : { SWITCHBOARD_HOME: home } };
}

function systemctl([, verb, ...rest]) {
  if (process.env.SWITCHBOARD_STAND_IN_FAILS) end(1, { error: 'Failed to connect to bus: No medium found\n' });
  if (verb === 'enable') {
    state.loaded = true;
    start(readUnit());
  }
  if (verb === 'restart') {
    stop();
    start(readUnit());
  }
  if (verb === 'disable') {
    state.loaded = false;
    stop();
  }
  if (verb === 'show' && rest.length > 1) {
    const alive = isAlive();
    const facts = [`ActiveState=${alive ? 'active' : 'inactive'}`, `SubState=${alive ? 'running' : 'dead'}`];
    facts.push(`UnitFileState=${state.loaded ? 'enabled' : 'disabled'}`, `MainPID=${alive ? state.pid : 0}`);
    end(0, { out: `${facts.join('\n')}\n` });
  }
  end(0);
}

function launchctl([verb, target, file]) {
  if (process.env.SWITCHBOARD_STAND_IN_FAILS) end(125, { error: 'Domain does not support specified action\n' });
  const service = /^gui\/\d+\/./.test(target);
  if (verb === 'print' && service) {
    if (!state.loaded) end(113, { error: 'Could not find service in domain for user gui\n' });
    const facts = isAlive() ? `\tstate = running\n\tpid = ${state.pid}\n` : '\tstate = not running\n';
    end(0, { out: `${target} = {\n${facts}}\n` });
  }
  if (verb === 'bootstrap') {
    if (state.loaded) end(5, { error: 'Bootstrap failed: 5: Input/output error\n' });
    state.loaded = true;
    start(readPlist(file));
  }
  if (verb === 'bootout') {
    state.loaded = false;
    stop();
  }
  end(0);
}

if (name === 'systemctl') systemctl(args);
else launchctl(args);

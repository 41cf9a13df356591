import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { preview, spanText } from '../../domain/text.ts';
import type { Config } from '../../runtime/config.ts';
import { type Probe, readHubFile } from '../../runtime/hub-probe.ts';
import { isNewer } from '../../runtime/versions.ts';
import { webAddress } from '../../runtime/web-place.ts';
import { printable } from '../terminal.ts';
import { VERSION } from '../version.ts';
import type { Finding } from './finding.ts';
import { findWebInbox } from './web-inbox.ts';

const LOG_BYTES_MAX = 256 * 1024;
const LOG_AGE_MS_MAX = 60 * 60_000;
const LOG_ERROR = 50;
const LOG_CHARS_MAX = 160;

/** Does the hub live, and is it of this version? `canStart`: the settings are such that another one could. */
export function judgeHub(
  home: string,
  probe: Probe,
  { now, canStart }: { readonly now: number; readonly canStart: boolean },
): Finding {
  const found = { id: 'hub', title: 'Hub' };
  if (probe.found === 'nobody') {
    if (!canStart)
      return { ...found, status: 'warn', detail: 'none runs, and none starts until the settings are fixed' };
    return { ...found, status: 'ok', detail: 'none runs; the next session starts one' };
  }
  if (probe.found === 'silent') {
    const pid = readHubFile(home)?.pid;
    const next = pid
      ? `Sessions replace it within a minute; or end it: kill -9 ${pid}`
      : 'Sessions replace it by themselves';
    return { ...found, status: 'fail', detail: `one listens, but does not answer${pid ? ` (pid ${pid})` : ''}`, next };
  }
  const { pid, version, since } = probe.hub;
  const detail = `pid ${pid}, version ${printable(version)}, for ${spanText(now - Date.parse(since))}`;
  if (isNewer(VERSION, version)) {
    const next = `The next session replaces it; or end it: kill ${pid}`;
    return { ...found, status: 'warn', detail: `${detail}: older than this program (${VERSION})`, next };
  }
  if (isNewer(version, VERSION)) {
    const next =
      'Another installation has started it; bring this one up to date: npm install --global claude-switchboard';
    return { ...found, status: 'warn', detail: `${detail}: newer than this program (${VERSION})`, next };
  }
  return { ...found, status: 'ok', detail };
}

/** Has the hub written down errors within the last hour? */
export function checkHubLog(home: string, now: number): Finding {
  const found = { id: 'hub-log', title: 'Hub log' };
  const path = join(home, 'hub.log');
  const errors = tail(path)
    .map(entryOf)
    .filter(({ level, time }) => level >= LOG_ERROR && now - Date.parse(time) < LOG_AGE_MS_MAX);
  const last = errors.at(-1);
  if (!last) return { ...found, status: 'ok', detail: 'no errors within the last hour' };
  const said = printable(preview(last.msg, LOG_CHARS_MAX));
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  const when = spanText(now - Date.parse(last.time));
  return {
    ...found,
    status: 'warn',
    detail: `${count} within the last hour, ${when} ago: ${said}`,
    next: `See ${path}`,
  };
}

/** Does the web inbox answer, and refuse whoever has no token? */
export async function checkWeb(config: Pick<Config, 'home' | 'web'>, probe: Probe): Promise<Finding> {
  const found = { id: 'web', title: 'Web inbox' };
  const report = probe.found === 'hub' ? probe.channels.find(({ name }) => name === 'web') : undefined;
  if (probe.found !== 'hub') {
    return { ...found, status: 'ok', detail: config.web ? 'served as soon as a hub runs' : 'off: WEB_PORT says so' };
  }
  if (!report)
    return {
      ...found,
      status: 'ok',
      detail: config.web ? 'the hub that runs was started with WEB_PORT off' : 'off: WEB_PORT says so',
    };
  const next = `End the hub, and another starts: kill ${probe.hub.pid}`;
  // The hub knows whether it listens; at the place where it did last, anybody may answer now.
  if (!report.ok) return { ...found, status: 'fail', detail: printable(report.detail), next };
  const web = await findWebInbox(config.home);
  if (web.found === 'inbox') return { ...found, status: 'ok', detail: `${webAddress(web.place)}; asks for its token` };
  const detail = {
    'never served': 'the hub does not say where it serves it',
    nobody: 'the hub says that it serves it, but nobody answers there',
    'something else': 'something else answers where the hub says that it serves it',
  }[web.found];
  return { ...found, status: 'fail', detail, next };
}

/** The last lines of a file; none when it cannot be read. */
function tail(path: string): string[] {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return []; // No hub has written anything yet.
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, LOG_BYTES_MAX));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').split('\n');
  } finally {
    closeSync(fd);
  }
}

function entryOf(line: string): { level: number; time: string; msg: string } {
  try {
    const { level = 0, time = '', msg = '' } = JSON.parse(line);
    return { level: Number(level), time: String(time), msg: String(msg) };
  } catch {
    return { level: 0, time: '', msg: '' }; // The first line may be cut, the last one half written.
  }
}

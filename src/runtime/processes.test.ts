import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../test/support/switchboard.ts';
import { isSameLivingProcess, parseProcStat, parsePsLine, processFacts, processIdentity } from './processes.ts';

const onLinux = process.platform === 'linux';

function sleeper(): { pid: number; end: () => Promise<void> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  onTestFinished(end);
  return { pid: child.pid ?? 0, end };
}

describe('processFacts', () => {
  it('knows the living from the dead', async () => {
    const { pid, end } = sleeper();
    expect(processFacts(pid)).toMatchObject({
      started_at: onLinux ? expect.stringMatching(/^\d+$/) : expect.anything(),
    });
    await end();
    expect(processFacts(pid)).toBe('absent');
  });

  it.runIf(onLinux)('knows a zombie, which a signal takes for alive', async () => {
    // The shell starts a child and turns into a program that never asks how it ended; before that it must not end.
    const child = `sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done'`;
    const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 1000`], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    await until(
      () => processFacts(pid) === 'zombie',
      () => `a zombie, not ${JSON.stringify(processFacts(pid))}`,
    );
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  it('takes what belongs to somebody else for alive', () => {
    expect(processFacts(1)).toMatchObject({});
    expect(processFacts(1)).not.toBe('absent');
  });

  it('never asks about a process group', () => {
    for (const pid of [0, -1, -process.pid, Number.NaN, 1.5]) expect(processFacts(pid)).toBe('absent');
  });
});

describe('parsing', () => {
  it('counts the fields of /proc/<pid>/stat after the last parenthesis', () => {
    const rest = Array.from({ length: 18 }, (_, index) => index + 4).join(' ');
    expect(parseProcStat(`7 (a) b) (c) S ${rest} 424242 99`)).toEqual({ started_at: '424242' });
    expect(parseProcStat(`7 (x) Z ${rest} 424242 99`)).toBe('zombie');
    if (onLinux) {
      const own = readFileSync('/proc/self/stat', 'utf8');
      expect(parseProcStat(own)).toEqual({ started_at: own.split(') ').pop()?.split(' ')[19] });
    }
  });

  it('reads what ps says on macOS', () => {
    expect(parsePsLine('Ss   Tue Nov  3 10:00:00 2026\n')).toEqual({ started_at: 'Tue Nov 3 10:00:00 2026' });
    expect(parsePsLine('Z    Tue Nov  3 10:00:00 2026')).toBe('zombie');
  });
});

describe('processIdentity', () => {
  it('is the same however often it is asked, and known as living', () => {
    const identity = processIdentity();
    expect(processIdentity()).toEqual(identity);
    expect(isSameLivingProcess(identity, false)).toBe(identity.process_started_at !== null);
  });

  it('is not that of a process with the same pid and another start, boot or namespace', () => {
    const identity = processIdentity();
    for (const other of ['process_started_at', 'boot_id', 'pid_namespace']) {
      expect(isSameLivingProcess({ ...identity, [other]: 'another' }, true), other).toBe(false);
    }
    // The host's name changes while its processes live; only where nothing better is known does it count.
    const known = identity.boot_id !== null && identity.pid_namespace !== null;
    expect(isSameLivingProcess({ ...identity, host: 'another' }, true)).toBe(known);
  });
});

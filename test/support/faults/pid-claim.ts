import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { kill, until } from '../switchboard.ts';

// clone3(2) with `set_tid` makes a process with the very pid that is asked for, or none. Setting ns_last_pid and then
// starting one is a race against whoever else starts something on the machine; who wins it holds the pid for as long as
// it lives. Perl, since Node has no system calls: Debian always has it. 435 is clone3 on every architecture; its argument
// has ten 64-bit fields here, the fifth the signal of its end (17: SIGCHLD), the last two a pointer to the pids, how many.
const CLONE_INTO_PID = `
  $| = 1;
  my $pids = pack 'l', $ARGV[0];
  my $arguments = pack 'Q8 P Q', 0, 0, 0, 0, 17, 0, 0, 0, $pids, 1;
  my $pid = syscall 435, $arguments, length $arguments;
  if ($pid < 0) { warn "$!\\n"; exit($!{EEXIST} ? 17 : 1) }
  if ($pid == 0) { exec 'sleep', '60' }
  print "$pid\\n";
  waitpid $pid, 0;
`;
const TAKEN = 17;

/** Starts a process that gets this very pid, as the system gives it to somebody after all others were used. */
export async function reusePid(pid: number): Promise<void> {
  await until(
    () => claim(pid),
    () => `pid ${pid} to be free`,
  );
}

/** False when somebody has the pid. */
async function claim(pid: number): Promise<boolean> {
  const child = spawn('perl', ['-MErrno', '-e', CLONE_INTO_PID, String(pid)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  const [said] = await Promise.race([once(child.stdout, 'data'), closed]);
  if (said === TAKEN) return false;
  if (Number(said) !== pid) throw new Error(`Pid ${pid} could not be had: ${stderr}`);
  onTestFinished(async () => {
    kill(pid, 'SIGKILL');
    await closed;
  });
  return true;
}

/** May this process choose the pid of another? */
export function canClaimPids(): boolean {
  // Of itself: taken, which only somebody who may choose is told.
  const { status } = spawnSync('perl', ['-MErrno', '-e', CLONE_INTO_PID, String(process.pid)]);
  return status === TAKEN;
}

import { randomUUID } from 'node:crypto';
import { buildWhenNeeded } from './build.ts';
import { kill, processesOfRun } from './processes-of-run.ts';

/** Builds the command once, and sees to it that nothing that a test has started outlives the whole run. */
export default function setup(): () => void {
  // Every process that a test starts inherits this mark, detached hubs too.
  const run = randomUUID();
  process.env.SWITCHBOARD_TEST_RUN = run;
  buildWhenNeeded();
  return () => {
    const left = processesOfRun(run);
    for (const { pid } of left) kill(pid, 'SIGKILL');
    if (left.length === 0) return;
    // Vitest reports what a teardown throws, but ends with status 0.
    process.exitCode = 1;
    const list = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    throw new Error(`${left.length} processes that tests have started were still running (ended now):\n${list}`);
  };
}

// `npm run test:long -- --minutes 60`: the long run, two minutes unless told otherwise.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '2' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) {
  process.stderr.write('--minutes takes a number from 1.\n');
  process.exit(2);
}
const { status } = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.long.config.ts'], {
  stdio: 'inherit',
  env: { ...process.env, MINUTES: String(minutes) },
});
process.exit(status ?? 1);

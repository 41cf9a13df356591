import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { coldStart } from './rows/cold-start.ts';
import { crowd } from './rows/crowd.ts';
import { hubStart } from './rows/hub-start.ts';
import { idle } from './rows/idle.ts';
import { line } from './rows/line.ts';
import { longFile } from './rows/long-file.ts';
import { takeover } from './rows/takeover.ts';
import { now } from './support/clock.ts';
import { type Row, tableOf } from './support/report.ts';
import { FULL, QUICK, type Size } from './support/size.ts';
import { round } from './support/stats.ts';

// Those that time starts and steps come first, while the machine has just been left alone.
const MEASUREMENTS: Record<string, (size: Size, seed: number) => Promise<Row[]>> = {
  'cold-start': coldStart,
  line,
  idle,
  'long-file': longFile,
  'hub-start': hubStart,
  takeover,
  crowd,
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const chosen = args.filter((arg) => !arg.startsWith('--'));
const unknown = [
  ...chosen.filter((name) => !(name in MEASUREMENTS)),
  ...args.filter((arg) => /^--(?!quick$)/.test(arg)),
];
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown: ${unknown.join(', ')}. Usage: npm run bench -- [--quick] [${Object.keys(MEASUREMENTS).join('|')} ...]\n`,
  );
  process.exit(2);
}

const began = now();
const loadBefore = loadavg().map(round);
const seed = Math.floor(Math.random() * 2 ** 31);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const startedAt = now();
  process.stderr.write(`${name} ...`);
  rows.push(...(await measure(quick ? QUICK : FULL, seed)));
  process.stderr.write(` ${((now() - startedAt) / 1000).toFixed(1)} s\n`);
}
const machine = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  load_before: loadBefore,
  load_after: loadavg().map(round),
};
const result = { at: new Date().toISOString(), quick, seconds: round((now() - began) / 1000), machine, rows };
const directory = join(process.cwd(), 'bench/results');
mkdirSync(directory, { recursive: true });
const path = join(directory, `${result.at.replaceAll(':', '-')}.json`);
writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);

const short = rows.filter(({ bars }) => bars.some(({ held }) => !held));
process.stdout.write(
  [
    `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), load before ${loadBefore[0]}, ${result.seconds} s`,
    ...(quick ? ['A smoke run: too few samples for a verdict.'] : []),
    '',
    tableOf(rows),
    '',
    short.length === 0 ? 'Every bar is held.' : `Falls short: ${short.map(({ name }) => name).join('; ')}.`,
    `Written to ${path}`,
    '',
  ].join('\n'),
);
// Slow is news, wrong is a failure.
if (rows.some(({ facts }) => Number(facts.wrong) + Number(facts.lost) + Number(facts.twice) > 0)) process.exitCode = 1;

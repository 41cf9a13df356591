import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { coldStart } from './rows/cold-start.ts';
import { crowd } from './rows/crowd.ts';
import { growthFiles } from './rows/growth-files.ts';
import { growthQuestions } from './rows/growth-questions.ts';
import { growthRecords } from './rows/growth-records.ts';
import { growthSessions } from './rows/growth-sessions.ts';
import { hubStart } from './rows/hub-start.ts';
import { idle } from './rows/idle.ts';
import { line } from './rows/line.ts';
import { longFile } from './rows/long-file.ts';
import { takeover } from './rows/takeover.ts';
import { now } from './support/clock.ts';
import { compare, comparisonOf } from './support/compare.ts';
import { writeDocs } from './support/docs.ts';
import type { Growth } from './support/growth.ts';
import { reportOf } from './support/report.ts';
import { keep, type Result, resultsBefore } from './support/results.ts';
import type { Row } from './support/row.ts';
import { FULL, QUICK, type Size } from './support/size.ts';
import { round } from './support/stats.ts';
import { CALLS_COUNTED } from './support/system-calls.ts';

// Those that time starts and steps come first, while the machine has just been left alone.
const ROWS: Record<string, (size: Size, seed: number) => Promise<Row[]>> = {
  'cold-start': coldStart,
  line,
  idle,
  'long-file': longFile,
  'hub-start': hubStart,
  takeover,
  crowd,
};
const GROWTHS: Record<string, (size: Size) => Promise<Growth[]>> = {
  'growth-sessions': growthSessions,
  'growth-files': growthFiles,
  'growth-records': growthRecords,
  'growth-questions': growthQuestions,
};
const NAMES = [...Object.keys(ROWS), ...Object.keys(GROWTHS)];

const { quick, chosen, against, docs } = optionsOf(process.argv.slice(2));
// Read before this run adds its own.
const before = against === null ? null : resultsBefore(against, quick);
const size = quick ? QUICK : FULL;
const seed = Math.floor(Math.random() * 2 ** 31);
const began = now();
const loadBefore = round(loadavg()[0] ?? 0);
const rows: Row[] = [];
const growth: Growth[] = [];
for (const [name, measure] of Object.entries(ROWS))
  await inTurn(name, async () => rows.push(...(await measure(size, seed))));
for (const [name, measure] of Object.entries(GROWTHS))
  await inTurn(name, async () => growth.push(...(await measure(size))));
const result: Result = {
  at: new Date().toISOString(),
  program: programNow(),
  quick,
  seconds: round((now() - began) / 1000),
  machine: {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    load_before: loadBefore,
    load_after: round(loadavg()[0] ?? 0),
    system_calls: CALLS_COUNTED,
  },
  rows,
  growth,
};
const path = keep(result);
say(reportOf(result));
say([`Written to ${path}`]);
if (docs) say(writeDocs(result));
// Slow is news, wrong is a failure.
if (rows.some(({ facts }) => Number(facts.wrong) + Number(facts.lost) + Number(facts.twice) > 0)) process.exitCode = 1;
if (before && before.length > 0) {
  const comparison = compare(before, result);
  say(comparisonOf(comparison));
  // A smoke run has too few samples for a verdict.
  if (!quick && comparison.changes.some(({ verdict }) => verdict === 'slower')) process.exitCode = 1;
} else if (before) say(['Nothing to compare with yet: the next run has this one.']);

async function inTurn(name: string, measure: () => Promise<unknown>): Promise<void> {
  if (chosen.length > 0 && !chosen.includes(name)) return;
  const startedAt = now();
  process.stderr.write(`${name} ...`);
  await measure();
  process.stderr.write(` ${((now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** The version and the commit that are measured; the version alone where there is no git. */
function programNow(): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const commit = execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
      encoding: 'utf8',
      stdio: [...stdio],
    });
    return `${version} (${commit.trim()})`;
  } catch {
    return version;
  }
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What the command line asks for; ends the process when it asks for what there is not. */
function optionsOf(args: string[]): { quick: boolean; chosen: string[]; against: string | null; docs: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        against: { type: 'string' },
        'write-docs': { type: 'boolean', default: false },
      },
    });
    const unknown = positionals.filter((name) => !NAMES.includes(name));
    if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}.`);
    if (values['write-docs'] && (values.quick || positionals.length > 0)) {
      throw new Error('--write-docs needs a whole run: neither --quick nor single rows.');
    }
    if (values.against !== undefined) readFileSync(values.against);
    const against = values.against ?? (values.compare ? '' : null);
    return { quick: values.quick, chosen: positionals, against, docs: values['write-docs'] };
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}\nUsage: npm run bench -- [--quick] [--compare | --against <result.json>] [--write-docs] [row ...]\nRows: ${NAMES.join(' ')}\n`,
    );
    process.exit(2);
  }
}

import { readFileSync, writeFileSync } from 'node:fs';
import { lawOf } from './growth.ts';
import { growthPlot, timesPlot } from './plot.ts';
import { factsOf, short, verdictOf } from './report.ts';
import { BASELINE, type Result, write } from './results.ts';
import type { Row } from './row.ts';

const PAGE = 'docs/performance.md';
const BEGIN = '<!-- figures: written by `npm run bench -- --write-docs` -->';
const END = '<!-- end of figures -->';

/** Writes the figures into the docs, with plots of them, and the baseline of `--compare`; returns what it wrote. */
export function writeDocs(result: Result): string[] {
  const plots = [
    { path: 'images/bench-times.svg', drawn: timesPlot(result.rows), title: 'How long things take' },
    ...result.growth.map((growth) => ({
      path: `images/bench-${growth.name}.svg`,
      drawn: growthPlot(growth),
      title: `Growth over ${growth.axis}`,
    })),
  ];
  for (const { path, drawn } of plots) writeFileSync(`docs/${path}`, drawn);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  const images = new Map(plots.map(({ path, title }) => [path, `![${title}](${path})`]));
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${figures(result, images)}\n\n${END}${after}`);
  write(BASELINE, result);
  return [`Written: ${[PAGE, BASELINE, ...plots.map(({ path }) => `docs/${path}`)].join(' ')}`];
}

/** The figures of a result as the page shows them, with what must be known to read them. */
export function figures(result: Result, images: ReadonlyMap<string, string>): string {
  const { machine, rows, growth } = result;
  return [
    measuredOn(result),
    tableOf(
      ['what', 'unit', 'p50', 'p95', 'p99', 'max', 'floor p50', 'floor p99', 'against its bar'],
      rows.map(cellsOf),
    ),
    `${verdictOf(rows, growth)} What was tried to be faster stands in bench/README.md.`,
    factsOf(rows)
      .map((line) => `- ${line}`)
      .join('\n'),
    images.get('images/bench-times.svg') ?? '',
    ...growth.flatMap(({ name, axis, sizes, curves }) => [
      `### ${axis[0]?.toUpperCase()}${axis.slice(1)}`,
      tableOf(
        ['what', 'unit', ...sizes.map((size) => size.toLocaleString('en')), 'last / first', 'exponent', 'bar', ''],
        curves.map((curve) => [
          curve.name,
          curve.unit,
          ...curve.values.map(short),
          short(curve.ratio),
          curve.exponent.toFixed(2),
          lawOf(curve),
          curve.held ? 'held' : '**falls short**',
        ]),
      ),
      images.get(`images/bench-${name}.svg`) ?? '',
    ]),
    `The exponent is that between the two largest sizes: 0 is constant, 1 linear. System calls: ${machine.system_calls}.`,
    DIFFERENCES,
  ].join('\n\n');
}

// The same words stand for different things in the first table and in those of growth.
const DIFFERENCES = `Compare within a table only. A *hub start* of the first table ends when the list of all open questions, one of each live
session, has arrived at the Bot API; one over growing files ends when all files are read, and the sessions in them ask nothing.
*One more record* of the first table goes into two files in turns, 800 in one process; over growing files each size has a process
of its own that writes 300, and five of them take turns.`;

function measuredOn({ at, program, machine }: Result): string {
  const { node, cores, cpu, platform, load_before, load_after } = machine;
  const what = program === undefined ? '' : `Version ${program}, measured`;
  const load = `load (mean of a minute) ${load_before} before and ${load_after} after`;
  const busy =
    load_before > cores ? ' At first there was more to do than there were cores: single times may be too long.' : '';
  return `${what || 'Measured'} on ${at.slice(0, 'YYYY-MM-DD'.length)}: ${cores} cores (${cpu}), ${platform}, Node ${node}, ${load}.${busy}`;
}

function cellsOf({ name, unit, measured, floor, bars }: Row): string[] {
  const floors = floor ? [floor.distribution.p50, floor.distribution.p99].map(short) : ['', ''];
  const stands = bars.map((bar) => {
    const words = `${bar.name} ${short(bar.value)} ${bar.unit} (bar ${bar.limit})`;
    return bar.held ? words : `**${words}**`;
  });
  const { p50, p95, p99, max } = measured;
  return [name, unit, ...[p50, p95, p99, max].map(short), ...floors, stands.join(', ')];
}

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column < 2 ? '---' : '---:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

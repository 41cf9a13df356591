import type { Curve, Growth } from './growth.ts';
import { short } from './report.ts';
import type { Row } from './row.ts';
import type { Distribution } from './stats.ts';

// Both axes are logarithmic: what is constant lies flat, what is linear rises by one decade a decade.

const WIDTH = 960;
const COLORS = 4;
const SPAN_MIN = 30;
const STYLE = `<style>
.bg{fill:#fff}.grid{stroke:#e3e5ea}.axis{stroke:#8a90a0}text{fill:#3d4352;font-size:12px}.head{font-size:15px;font-weight:600;fill:#1d2230}
.c0{stroke:#2f62d0;fill:#2f62d0}.c1{stroke:#c2410c;fill:#c2410c}.c2{stroke:#15803d;fill:#15803d}.c3{stroke:#7e22ce;fill:#7e22ce}
.line{fill:none;stroke-width:2}.range{stroke-width:1.5;opacity:.45}.floor{stroke:#8a90a0;fill:#8a90a0}
@media (prefers-color-scheme:dark){.bg{fill:#0d1117}.grid{stroke:#262c36}.axis{stroke:#6e7681}text{fill:#b4bcc8}.head{fill:#e6edf3}
.c0{stroke:#79a8ff;fill:#79a8ff}.c1{stroke:#ff9b5e;fill:#ff9b5e}.c2{stroke:#56d364;fill:#56d364}.c3{stroke:#d2a8ff;fill:#d2a8ff}.line{fill:none}.floor{stroke:#6e7681;fill:#6e7681}}
</style>`;

/** The curves of one axis, one panel for each kind of thing that was measured. */
export function growthPlot(growth: Growth): string {
  const panels = panelsOf(growth.curves);
  const columns = 2;
  const width = WIDTH / columns;
  const height = 330;
  const rows = Math.ceil(panels.length / columns);
  const drawn = panels.map((panel, index) => {
    const at = `translate(${(index % columns) * width} ${44 + Math.floor(index / columns) * height})`;
    return `<g transform="${at}">${panelPlot(panel, growth, width, height)}</g>`;
  });
  return svg(44 + rows * height, `Growth over ${growth.axis}`, drawn.join('\n'));
}

/** From the median to the worst of all that is measured in milliseconds, with its floor below it. */
export function timesPlot(rows: readonly Row[]): string {
  const shown = rows.filter(({ unit, measured }) => unit === 'ms' && measured.n > 1);
  const ranges = shown.flatMap(({ name, measured, floor }) => [
    { name, measured, style: 'c0' },
    ...(floor ? [{ name: `floor: ${floor.name}`, measured: floor.distribution, style: 'floor' }] : []),
  ]);
  const left = 330;
  const step = 26;
  const bottom = 60 + ranges.length * step;
  const x = logScale(
    ranges.flatMap(({ measured }) => [measured.p50, measured.max]),
    left,
    WIDTH - 40,
  );
  const lines = ranges.map(({ name, measured, style }, index) => {
    const y = 70 + index * step;
    const dot = (value: number, r: number) => `<circle class="${style}" cx="${x.at(value)}" cy="${y}" r="${r}"/>`;
    return `<text x="${left - 14}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>
<path class="${style} range" d="M${x.at(measured.p50)} ${y}H${x.at(measured.max)}"/>
${dot(measured.p50, 5)}${dot(measured.p95, 3.5)}${dot(measured.p99, 2.5)}${dot(measured.max, 1.5)}`;
  });
  const ticks = x.ticks.map(
    (value) =>
      `<path class="grid" d="M${x.at(value)} 54V${bottom}"/><text x="${x.at(value)}" y="${bottom + 18}" text-anchor="middle">${short(value)}</text>`,
  );
  const label = `<text x="${(left + WIDTH - 40) / 2}" y="${bottom + 38}" text-anchor="middle">milliseconds; from large to small dot: p50, p95, p99, max</text>`;
  return svg(bottom + 54, 'How long things take, and their floors', [...ticks, ...lines, label].join('\n'));
}

interface Panel {
  readonly label: string;
  readonly curves: readonly Curve[];
}

function panelsOf(curves: readonly Curve[]): Panel[] {
  const panels = new Map<string, Curve[]>();
  for (const curve of curves) {
    const label = labelOf(curve);
    panels.set(label, [...(panels.get(label) ?? []), curve]);
  }
  return [...panels].map(([label, some]) => ({ label, curves: some }));
}

function labelOf({ name, unit }: Curve): string {
  if (unit === 'ms')
    return name.startsWith('processor time') ? 'processor time, ms' : 'time, ms (line: p50; bar: to p95)';
  return { MB: 'memory, MB', calls: 'system calls' }[unit] ?? unit;
}

function panelPlot({ label, curves }: Panel, { axis, sizes }: Growth, width: number, height: number): string {
  const [left, right, top] = [72, width - 24, 16];
  const bottom = height - 64 - curves.length * 18;
  const x = logScale(sizes, left, right);
  const all = curves.flatMap(({ values, distributions }) => [
    ...values,
    ...(distributions ?? []).map(({ p95 }) => p95),
  ]);
  const y = logScale(all, bottom, top, SPAN_MIN);
  const grid = [
    ...y.ticks.map(
      (value) =>
        `<path class="grid" d="M${left} ${y.at(value)}H${right}"/><text x="${left - 8}" y="${y.at(value) + 4}" text-anchor="end">${short(value)}</text>`,
    ),
    ...sizes.map(
      (size) =>
        `<path class="grid" d="M${x.at(size)} ${top}V${bottom}"/><text x="${x.at(size)}" y="${bottom + 18}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
    ),
  ];
  const lines = curves.map((curve, index) => {
    const style = `c${index % COLORS}`;
    const points = curve.values.map((value, at) => [x.at(sizes[at] ?? 1), y.at(value)] as const);
    const legend = bottom + 58 + index * 18;
    return `${(curve.distributions ?? []).map((each, at) => whisker(each, x.at(sizes[at] ?? 1), y, style)).join('')}
<path class="${style} line" d="M${points.map((point) => point.join(' ')).join('L')}"/>
${points.map(([cx, cy]) => `<circle class="${style}" cx="${cx}" cy="${cy}" r="3"/>`).join('')}
<path class="${style} line" d="M${left} ${legend - 4}h18"/><text x="${left + 26}" y="${legend}">${escaped(curve.name)}</text>`;
  });
  return `<text x="16" y="${top - 6}">${escaped(label)}</text>
${grid.join('\n')}
<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>
<text x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${escaped(axis)}</text>
${lines.join('\n')}`;
}

function whisker({ p50, p95 }: Distribution, x: number, y: Scale, style: string): string {
  return `<path class="${style} range" d="M${x} ${y.at(p50)}V${y.at(p95)}"/>`;
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Pixels for values, with ticks at 1, 2 and 5 of every decade where there are few decades, else at 1. */
function logScale(values: readonly number[], from: number, to: number, spanMin = 1): Scale {
  const some = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...some), Math.max(...some)];
  // What hardly changes must not look as if it did.
  const margin = Math.max(1.3, Math.sqrt(spanMin / (most / least)));
  const [low, high] = [least / margin, most * margin];
  const at = (value: number): number => {
    const share = (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(high) - Math.log(low));
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
  const decades = Math.log10(high / low);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const digit of decades > 2.5 ? [1] : [1, 2, 5]) {
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  return { at, ticks };
}

function svg(height: number, title: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="ui-sans-serif, system-ui, Segoe UI, Helvetica, Arial, sans-serif" role="img" aria-labelledby="t">
<title id="t">${escaped(title)}</title>
${STYLE}
<rect class="bg" width="${WIDTH}" height="${height}" rx="10"/>
<text class="head" x="16" y="26">${escaped(title)}</text>
${content}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

import { short } from './report.ts';
import type { Result } from './results.ts';

/** Medians of two runs of the same program on a machine with nothing else to do differ by less. */
const NOISE = 1.15;
/** Slower by this much is a slow-down: what is measured against a floor of its own run, and what is not. */
const SLOWER = { ratio: 1.3, absolute: 1.6 };
/** Smaller steps mean nothing, however large they are as a ratio. */
const STEP: Record<string, number> = { x: 0.1, ms: 0.1, MB: 3, '%': 0.1, '% of a core': 0.2, calls: 5 };

type Verdict = 'slower' | 'worse' | 'better';

/** One measure that differs between two runs by more than noise. */
export interface Change {
  readonly name: string;
  readonly unit: string;
  readonly before: number;
  readonly after: number;
  readonly ratio: number;
  /** `slower`: beyond the threshold; `worse`: beyond noise only. */
  readonly verdict: Verdict;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly compared: number;
  /** What was not compared because it was measured on another machine or Node, and has no floor to stand against. */
  readonly elsewhere: number;
}

interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** Compares every measure with the newest of the earlier results that has it. More is worse, everywhere. */
export function compare(earlier: readonly Result[], now: Result): Comparison {
  const changes: Change[] = [];
  let compared = 0;
  let elsewhere = 0;
  for (const measure of measuresOf(now)) {
    const found = newestOf(earlier, measure);
    if (!found) continue;
    if (measure.unit !== 'x' && !isSameMachine(found.result, now)) {
      elsewhere += 1;
      continue;
    }
    compared += 1;
    const ratio = measure.value / found.value;
    const step = Math.abs(measure.value - found.value);
    if (step < (STEP[measure.unit] ?? 0) || (ratio < NOISE && ratio > 1 / NOISE)) continue;
    const limit = measure.unit === 'x' ? SLOWER.ratio : SLOWER.absolute;
    const verdict = ratio < 1 ? 'better' : ratio > limit ? 'slower' : 'worse';
    changes.push({ ...measure, before: found.value, after: measure.value, ratio, verdict });
  }
  return { changes, compared, elsewhere };
}

/** What has changed, worst first, in words. */
export function comparisonOf({ changes, compared, elsewhere }: Comparison): string[] {
  const lines = [...changes]
    .sort((a, b) => b.ratio - a.ratio)
    .map(({ name, unit, before, after, ratio, verdict }) => {
      const word = verdict === 'slower' ? 'SLOWER' : verdict;
      return `  ${word}  ${name}: ${short(before)} -> ${short(after)} ${unit} (${short(ratio)} x)`;
    });
  return [
    `Compared with the last run: ${compared} medians, ${lines.length} changed by more than ${percent(NOISE)} %.`,
    ...(elsewhere > 0
      ? [`Left out, since the last run was on another machine or Node: ${elsewhere} without a floor.`]
      : []),
    ...lines,
    ...(changes.some(({ verdict }) => verdict === 'slower')
      ? [
          `Slower: more than ${percent(SLOWER.ratio)} % against a floor or a smaller size, ${percent(SLOWER.absolute)} % without one.`,
        ]
      : []),
  ];
}

const percent = (ratio: number): number => Math.round((ratio - 1) * 100);

/** Everything of which more is worse: against its floor where it has one, else as it is. */
function measuresOf({ rows, growth }: Result): Measure[] {
  return [
    ...rows.map(({ name, unit, measured, floor }) =>
      floor ? { name, unit: 'x', value: measured.p50 / floor.distribution.p50 } : { name, unit, value: measured.p50 },
    ),
    ...growth.flatMap(({ axis, sizes, curves }) =>
      curves.flatMap(({ name, unit, law, values, ratio }) => {
        const full = `${name}, ${sizes.at(-1)} ${axis}`;
        const last = { name: full, unit, value: values.at(-1) ?? 0 };
        // Less at the end than at the beginning is chance, and coming back from there is no growth.
        return law === 'constant'
          ? [last, { name: `${full} against ${sizes[0]}`, unit: 'x', value: Math.max(1, ratio) }]
          : [last];
      }),
    ),
  ];
}

function newestOf(earlier: readonly Result[], { name, unit }: Measure): { value: number; result: Result } | null {
  for (const result of earlier) {
    const found = measuresOf(result).find((each) => each.name === name && each.unit === unit);
    if (found) return { value: found.value, result };
  }
  return null;
}

function isSameMachine({ machine: a }: Result, { machine: b }: Result): boolean {
  return a.cpu === b.cpu && a.cores === b.cores && a.node === b.node && a.platform === b.platform;
}

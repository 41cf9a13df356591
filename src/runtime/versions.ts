const SEMVER = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** True when version `a` comes after `b` (semver 2.0). What is no version is neither newer nor older than anything. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [SEMVER.exec(a), SEMVER.exec(b)];
  if (!left || !right) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference > 0;
  }
  return comparePrereleases(left[4], right[4]) > 0;
}

/** A release comes after its pre-releases; those compare part by part, numbers below words. */
function comparePrereleases(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = compareIdentifiers(left[index], right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (leftIsNumber && rightIsNumber) return Number(a) - Number(b);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

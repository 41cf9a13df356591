const HUES = 8;

const given = new Map<string, number>();

/**
 * The number of a session's colour: the same for the same title, today and tomorrow, unless another title on this page
 * has it while some are free. Never the only mark of anything.
 */
export function hueOf(title: string): number {
  const known = given.get(title);
  if (known !== undefined) return known;
  let sum = 0;
  for (const character of title) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  const taken = new Set(given.values());
  while (taken.size < HUES && taken.has(sum % HUES)) sum += 1;
  given.set(title, sum % HUES);
  return sum % HUES;
}

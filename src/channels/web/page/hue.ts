const HUES = 8;

/** The number of a session's colour: the same for the same title, today and tomorrow. Never the only mark of anything. */
export function hueOf(title: string): number {
  let sum = 0;
  for (const character of title) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}

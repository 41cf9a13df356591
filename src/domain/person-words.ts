import type { Person } from './records.ts';

/** Who gave an answer, and where if not `here`, e.g. `Ada (telegram)`, `root (terminal)`. */
export function whoWords(person: Person, here?: string): string {
  const where = whereWord(person);
  return where === null || person.channel === here ? person.name : `${person.name} (${where})`;
}

/** Where a person spoke, as people call it: `cli` is the word of the records. Null: nobody did, the default was taken. */
export function whereWord({ channel }: Person): string | null {
  if (channel === 'default') return null;
  return channel === 'cli' ? 'terminal' : channel;
}

import type { PageCard } from '../wire.ts';

// As `domain/person-words.ts` has it, of which the page may import nothing.
/** Who answered, as the person in front of the page calls them. */
export function whoText({ name, channel }: { name: string; channel: string }): string {
  return channel === 'web' ? 'You' : `${name} (${channel === 'cli' ? 'terminal' : channel})`;
}

/** That a question has ended and how, to be said aloud. */
export function endedText({ session, state }: PageCard): string {
  if (state.status !== 'answered') return `The question of ${session.title} has ended.`;
  const { answer, answered_by } = state;
  const who = answered_by.channel === 'default' ? 'by default' : whoText(answered_by);
  return `${session.title} was answered: ${answer} (${who}).`;
}

import { createInterface } from 'node:readline/promises';

/** Is there somebody who sees all that is printed, and can be asked? Not once the answer itself was typed to its end. */
export function isSomebodyThere(): boolean {
  return (
    !process.stdin.readableEnded && [process.stdin, process.stdout, process.stderr].every(({ isTTY }) => isTTY === true)
  );
}

/** Asks who sits in front of the terminal; whatever is no clear yes is a no. */
export async function askYes(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Ctrl-C and Ctrl-D close it without an answer.
    const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
    const answer = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

import { isCancel, password } from '@clack/prompts';

/** The PIN: from `SWITCHBOARD_PIN`, else typed unseen; null when nobody is there to type it, or nobody wants to. */
export async function readPin(): Promise<string | null> {
  const given = process.env.SWITCHBOARD_PIN;
  if (given !== undefined && given !== '') return given;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const typed = await password({ message: 'PIN' });
  return isCancel(typed) ? null : typed;
}

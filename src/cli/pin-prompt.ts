import { isCancel, password } from '@clack/prompts';

/** The PIN in `SWITCHBOARD_PIN`; null when none is there. */
export function pinOfEnvironment(): string | null {
  return process.env.SWITCHBOARD_PIN || null;
}

/** The PIN: from `SWITCHBOARD_PIN`, else typed unseen; null when nobody is there to type it, or nobody wants to. */
export async function readPin(): Promise<string | null> {
  const given = pinOfEnvironment();
  if (given !== null) return given;
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const typed = await password({ message: 'PIN, to allow it all the same' });
  return isCancel(typed) ? null : typed;
}

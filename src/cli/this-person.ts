import { userInfo } from 'node:os';
import type { Person } from '../domain/records.ts';

/** The person in front of this machine, as the operating system knows them. `channel`: where they answer. */
export function thisPerson(channel: 'cli' | 'web'): Person {
  const id = String(process.getuid?.() ?? '');
  try {
    const { username } = userInfo();
    return { channel, id: id || username, name: username };
  } catch {
    // A container may run under a uid without a name.
    return { channel, id, name: channel === 'cli' ? 'terminal' : 'browser' };
  }
}

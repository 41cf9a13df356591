import { userInfo } from 'node:os';
import { join } from 'node:path';
import { canonicalPath, hashedName, makePrivateDirectoryAmongStrangers } from './home.ts';

// A socket's path must fit into 104 bytes with its NUL on macOS, 108 on Linux. The hub binds beside its address first.
const PATH_BYTES_MAX = 103;
const ASIDE_BYTES = '.12345678'.length;

/**
 * Where the hub of a home listens: a socket in the home, a short hashed name in a directory of the user's own where
 * the home's path is too long for a socket, a named pipe on Windows.
 *
 * It depends on nothing but the home and the user: TMPDIR and XDG_RUNTIME_DIR differ between a terminal, an ssh
 * session and a cron job, and each would get a hub of its own.
 *
 * @throws DirectoryError when somebody else has taken the directory of the short name: a stranger must not pass for
 * the hub.
 */
export function hubAddress(home: string): string {
  const directory = canonicalPath(home);
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\switchboard-${hashedName(`${userInfo().username}:${directory.toLowerCase()}`)}`;
  }
  const path = join(directory, 'hub.sock');
  if (Buffer.byteLength(path) + ASIDE_BYTES <= PATH_BYTES_MAX) return path;
  const shared = `/tmp/switchboard-${process.getuid?.()}`;
  makePrivateDirectoryAmongStrangers(shared);
  return join(shared, `${hashedName(directory)}.sock`);
}

import { connect } from 'node:net';

// Longer than any program takes that reads at all.
const SEND_MS_MAX = 2_000;

/**
 * Sends lines to a local socket and closes it. Resolves once the other side has taken the bytes, which says nothing of
 * what it makes of them. Rejects with the reason when nobody listens, or does not read within 2 s.
 */
export function sendLines(address: string, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.setTimeout(SEND_MS_MAX, () => socket.destroy(new Error(`not read within ${SEND_MS_MAX / 1_000} s`)));
    socket.on('error', reject);
    // What it answers is not for us, and unread it would keep the connection open.
    socket.resume();
    socket.end(lines.map((line) => `${line}\n`).join(''), () => resolve());
    // A peer that keeps its side open is left alone.
    socket.on('finish', () => setTimeout(() => socket.destroy(), SEND_MS_MAX).unref());
  });
}

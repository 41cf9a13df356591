import { sendLines } from '../runtime/line-socket.ts';
import type { ClaudeHost } from './claude-host.ts';

/** What Claude Code's messaging socket is called: an absolute path, or a named pipe on Windows. Nothing else is opened. */
const ADDRESS = /^(\/[^\0\n]{1,200}|\\\\\.\\pipe\\[^\0\n]{1,200})$/;

/**
 * Pushes a text into the session: an idle one starts a turn with it, a busy one reads it between two steps. Claude Code
 * answers nothing, whether it takes the text or not: that it has, its UserPromptSubmit hook says. The form of the lines
 * is no stable interface of Claude Code; this is the only place that knows it.
 *
 * @throws Error with a half sentence for the person: why it was not handed over.
 */
export async function pushIntoSession(
  { address, token }: NonNullable<ClaudeHost['messaging']>,
  text: string,
): Promise<void> {
  if (!ADDRESS.test(address)) throw new Error('what Claude Code names for messages is no local socket');
  const lines = [
    { type: 'auth', token },
    { type: 'user', message: { role: 'user', content: text } },
  ];
  try {
    await sendLines(
      address,
      lines.map((line) => JSON.stringify(line)),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`Claude Code does not take messages (${code ?? message})`, { cause: error });
  }
}

import { printableJson } from '../domain/text.ts';
import type { Logger } from './log.ts';

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof LEVELS;

/**
 * A logger that writes JSON lines to stderr, for a process that must start fast: a logging library would cost more than
 * all its lines. The lines have the fields of hub.log. No fact can replace level, time or message.
 */
export function stderrLog(levelMin: Level = 'info'): Logger {
  // A host that closed our stderr shall not end the session: there is nobody left to tell.
  process.stderr.on('error', () => undefined);
  const write =
    (level: Level) =>
    (facts: object, message: string): void => {
      if (LEVELS[level] < LEVELS[levelMin]) return;
      const line = { level: LEVELS[level], time: new Date().toISOString(), pid: process.pid, msg: message };
      process.stderr.write(`${printableJson({ ...facts, ...line })}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

import type * as z from 'zod';
import { SwitchboardError } from '../domain/errors.ts';

/** The arguments of a tool call are not what the tool takes; nothing was done. The message says what to mend. */
export class InvalidArgumentsError extends SwitchboardError {
  override readonly name = 'InvalidArgumentsError';
  readonly code = 'INVALID_ARGUMENTS';
}

/**
 * Reads the arguments of a tool call. Unknown fields are ignored.
 *
 * @throws InvalidArgumentsError that names each field to mend.
 */
export function readArguments<S extends z.ZodObject>(
  tool: string,
  schema: S,
  given: Record<string, unknown>,
): z.infer<S> {
  const parsed = schema.safeParse(asMeant(schema, given));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `"${pathText(issue.path)}": ${issue.message}`);
  throw new InvalidArgumentsError(`${tool} did nothing. Mend its arguments and call it again: ${faults.join('; ')}.`);
}

/**
 * Models write null for "nothing", numbers and booleans as text, and lists as JSON text. What they mean is clear, so it
 * is taken, for fields that do not take text anyway.
 */
function asMeant(schema: z.ZodObject, given: Record<string, unknown>): Record<string, unknown> {
  const meant: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(given)) {
    // `__proto__` and `constructor` are fields like any other here, and none of a schema's own.
    if (!Object.hasOwn(schema.shape, field) || value === null) continue;
    const fieldSchema = schema.shape[field] as z.ZodType;
    meant[field] = typeof value === 'string' && !fieldSchema.safeParse(value).success ? fromJson(value) : value;
  }
  return meant;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON either: the schema says what is wrong with the text itself.
    return text;
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at ? '.' : ''}${String(part)}`)).join('');
}

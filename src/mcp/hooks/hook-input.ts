/** The fields of a hook's input, all as text. */
export class HookInput {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }

  /** A field as text, JSON for what is none; "" for what is not there. */
  text(name: string): string {
    const value = Object.hasOwn(this.fields, name) ? this.fields[name] : '';
    return typeof value === 'string' ? value : JSON.stringify(value ?? '');
  }
}

/** The object that a field holds as JSON; null when it holds none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  const value = json(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** The list that a field holds as JSON; null when it holds none. */
export function jsonList(text: string): readonly unknown[] | null {
  const value = json(text);
  return Array.isArray(value) ? value : null;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // "" stands for what is not there; anything else that is no JSON says nothing either.
  }
}

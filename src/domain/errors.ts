/** An error that a person or a model may read: a stable code, facts as fields, and no secret in any of them. */
export abstract class SwitchboardError extends Error {
  abstract readonly code: string;
}

/** Cuts untrusted text before it goes into a message. */
function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(shown);
}

/** The text given is not an id; nothing was looked up. */
export class InvalidIdError extends SwitchboardError {
  override readonly name = 'InvalidIdError';
  readonly code = 'INVALID_ID';
  constructor(what: 'session' | 'question', text: string) {
    super(`${quoted(text)} is not a ${what} id. A ${what} id is a UUID such as 0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11.`);
  }
}

/** What was asked cannot be a question; nothing was written. The message says what to mend. */
export class InvalidQuestionError extends SwitchboardError {
  override readonly name = 'InvalidQuestionError';
  readonly code = 'INVALID_QUESTION';
}

/** One record would be larger than a session file may hold in a line; nothing was written. */
export class RecordTooLargeError extends SwitchboardError {
  override readonly name = 'RecordTooLargeError';
  readonly code = 'RECORD_TOO_LARGE';
  readonly bytes: number;
  constructor(bytes: number, bytesMax: number) {
    super(`The record would take ${bytes} bytes, the limit is ${bytesMax}; nothing was written. Shorten the text.`);
    this.bytes = bytes;
  }
}

/** Writes one JSON line an event: facts as fields (`session_id`, `question_id`), then a message. Never a secret. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

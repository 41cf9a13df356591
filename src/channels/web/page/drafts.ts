// What a person has begun: it outlives other pages, lost connections and new hubs, until the question has its answer.

/** An answer that is not sent yet. */
export interface Draft {
  readonly text: string;
  /** Marked options, by index. */
  readonly marks: readonly number[];
}

const EMPTY: Draft = { text: '', marks: [] };
const drafts = new Map<string, Draft>();

/** What was begun for a question. */
export function draftOf(question: string): Draft {
  return drafts.get(question) ?? EMPTY;
}

/** Keeps what was begun; an empty draft is none. */
export function keepDraft(question: string, draft: Draft): void {
  if (draft.text === '' && draft.marks.length === 0) drafts.delete(question);
  else drafts.set(question, draft);
}

export function dropDraft(question: string): void {
  drafts.delete(question);
}

/** Would a reload lose anything? */
export function anyDraft(): boolean {
  return drafts.size > 0;
}

// What a person has begun: it outlives other pages, a reload, lost connections and new hubs, until the question has its
// answer. A tab that is closed and opened again by the browser has it, too.

/** An answer that is not sent yet. */
export interface Draft {
  readonly text: string;
  /** Marked options, by index. */
  readonly marks: readonly number[];
}

const EMPTY: Draft = { text: '', marks: [] };
const KEPT = 'switchboard.drafts';
const drafts = new Map<string, Draft>(kept());

/** What was begun for a question. */
export function draftOf(question: string): Draft {
  return drafts.get(question) ?? EMPTY;
}

/** Keeps what was begun; an empty draft is none. */
export function keepDraft(question: string, draft: Draft): void {
  if (draft.text === '' && draft.marks.length === 0) drafts.delete(question);
  else drafts.set(question, draft);
  keep();
}

export function dropDraft(question: string): void {
  drafts.delete(question);
  keep();
}

/** Forgets what a tab has kept of questions that are not open any more. */
export function keepDraftsOf(open: readonly string[]): void {
  for (const question of drafts.keys()) if (!open.includes(question)) drafts.delete(question);
  keep();
}

/** Is anything begun? */
export function anyDraft(): boolean {
  return drafts.size > 0;
}

function kept(): [string, Draft][] {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as [string, Draft][];
  } catch {
    return []; // Without a store, or with something else in it.
  }
}

function keep(): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...drafts]));
  } catch {
    // Full or forbidden: it is kept as long as the page.
  }
}

import type { Option, QuestionRecord } from './records.ts';

/** The options of a permission, in their order. A text instead of an option denies it and says why. */
export const PERMISSION_LABELS = {
  once: 'Allow once',
  session: 'Allow for this session',
  deny: 'Deny',
} as const;

/** Characters of what *Allow for this session* grants: every card shows all of it, so more is not offered. */
export const GRANT_CHARS_MAX = 1_000;

/** What a person has decided about a permission. */
export type PermissionDecision =
  | { readonly behavior: 'allow'; readonly scope: 'once' | 'session' }
  | { readonly behavior: 'deny'; readonly why?: string };

/** The options of a permission; for the session only where the host has said what that would allow. */
export function permissionOptions(grant: string | undefined): Option[] {
  return [
    { label: PERMISSION_LABELS.once },
    ...(grant === undefined ? [] : [{ label: PERMISSION_LABELS.session, description: grant }]),
    { label: PERMISSION_LABELS.deny },
  ];
}

/** Which of the options of a permission let something run, by index. */
export function allowingOptions(options: readonly Option[]): number[] {
  return [...options.keys()].filter((index) => {
    const answer = options[index]?.label ?? '';
    return permissionDecision({ answer, selected: [answer] }).behavior === 'allow';
  });
}

/** What an answer to a permission means. Whatever is no approval denies. */
export function permissionDecision(answer: {
  readonly answer: string;
  readonly selected?: readonly string[] | undefined;
}): PermissionDecision {
  const [label] = answer.selected ?? [];
  if (label === PERMISSION_LABELS.once) return { behavior: 'allow', scope: 'once' };
  if (label === PERMISSION_LABELS.session) return { behavior: 'allow', scope: 'session' };
  return label === PERMISSION_LABELS.deny ? { behavior: 'deny' } : { behavior: 'deny', why: answer.answer };
}

/** Does this answer let something run? */
export function allows(
  { kind }: Pick<QuestionRecord, 'kind'>,
  answer: { readonly answer: string; readonly selected?: readonly string[] | undefined },
): boolean {
  return kind === 'permission' && permissionDecision(answer).behavior === 'allow';
}

/** Must this answer be given twice, the second time with the whole of what it allows in sight? */
export function needsConfirmation(
  question: Pick<QuestionRecord, 'kind' | 'permission'>,
  answer: { readonly answer: string; readonly selected?: readonly string[] | undefined },
): boolean {
  return allows(question, answer) && (question.permission?.dangers?.length ?? 0) > 0;
}

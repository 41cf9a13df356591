import type { Draft } from '../domain/records.ts';

/** Records that nobody waits for but that must not be lost: written in order, as soon as the store takes them. */
export class OwedRecords {
  private readonly drafts: Draft[] = [];
  private readonly append: (draft: Draft) => Promise<unknown>;
  private readonly onTrouble: (error: unknown) => void;
  private paying: Promise<void> | null = null;

  constructor(append: (draft: Draft) => Promise<unknown>, onTrouble: (error: unknown) => void) {
    this.append = append;
    this.onTrouble = onTrouble;
  }

  /** Adds one and tries to write it. Resolves when that was tried; never rejects. */
  owe(draft: Draft): Promise<void> {
    this.drafts.push(draft);
    return this.pay();
  }

  /** Tries again what was refused. Never rejects. */
  pay(): Promise<void> {
    this.paying ??= this.payAll().finally(() => {
      this.paying = null;
    });
    return this.paying;
  }

  private async payAll(): Promise<void> {
    for (let [draft] = this.drafts; draft; [draft] = this.drafts) {
      try {
        await this.append(draft);
        this.drafts.shift();
      } catch (error) {
        this.onTrouble(error);
        return;
      }
    }
  }
}

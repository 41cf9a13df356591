import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionId } from '../../../src/domain/ids.ts';
import type { Draft } from '../../../src/domain/records.ts';
import type { AppendResult, SessionStore, WriterIdentity } from '../../../src/store/contract.ts';
import { JsonlStore, type JsonlStoreOptions } from '../../../src/store/jsonl/jsonl-store.ts';
import { recordLine } from '../../../src/store/record-line.ts';

/** Where in an append its process dies. */
export const DEATHS = ['before an append', 'within an append', 'after an append'] as const;
export type Death = (typeof DEATHS)[number];

const APPEND_MS = 8;

/** What a writer was told of a record. */
export interface Told {
  readonly id: string;
  readonly slot: string | undefined;
  /** Who holds the slot, as far as the writer was told; itself when its record was stored. */
  readonly holder: string;
}

/**
 * A real store whose process can die or be stopped: then no call comes back any more, as to a caller that is dead, and
 * nothing more is written.
 */
export class MortalStore implements SessionStore {
  /** Everything that its process was told before it died. */
  readonly told: Told[] = [];
  readonly #store: JsonlStore;
  readonly #directory: string;
  readonly #writer: WriterIdentity;
  #dead = false;
  #stopped: { readonly until: Promise<void>; readonly go: () => void } | null = null;
  #doom: { readonly death: Death; readonly cut: number; appends: number; readonly onDeath: () => void } | null = null;

  constructor(options: JsonlStoreOptions) {
    this.#store = new JsonlStore(options);
    this.#directory = options.directory;
    this.#writer = options.writer;
  }

  /** Dies over an append: the next one when `appends` is 1. `cut`: how much of the line is there then, from 0 to 1. */
  doom(death: Death, appends: number, cut: number, onDeath: () => void): void {
    this.#doom ??= { death, appends, cut, onDeath };
  }

  die(): void {
    this.#dead = true;
    this.go();
    void this.#store.close();
  }

  stop(): void {
    if (this.#stopped) return;
    let go = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    this.#stopped = { until, go };
  }

  go(): void {
    this.#stopped?.go();
    this.#stopped = null;
  }

  async append(session: SessionId, draft: Draft): Promise<AppendResult> {
    await this.#alive();
    if (this.#doom) {
      this.#doom.appends -= 1;
      if (this.#doom.appends === 0) return this.#perish(session, draft, this.#doom);
      // It stands before this one.
      if (this.#doom.appends < 0) return never();
    }
    const result = await this.#store.append(session, draft);
    await this.#alive();
    if (result.status !== 'closed') {
      const holder = result.status === 'stored' ? draft.id : result.holder.event_id;
      this.told.push({ id: draft.id, slot: draft.slot, holder });
    }
    return result;
  }

  open(...given: Parameters<SessionStore['open']>): Promise<void> {
    return this.#do(() => this.#store.open(...given));
  }

  read(...given: Parameters<SessionStore['read']>): ReturnType<SessionStore['read']> {
    return this.#do(() => this.#store.read(...given));
  }

  sessions(): Promise<SessionId[]> {
    return this.#do(() => this.#store.sessions());
  }

  async *hints(...given: Parameters<SessionStore['hints']>): AsyncGenerator<SessionId | null, void, void> {
    for await (const hint of this.#store.hints(...given)) {
      // The dead hear nothing; their loop ends, so that it does not stay in memory.
      if (this.#dead) return;
      await this.#alive();
      yield hint;
    }
  }

  archive(...given: Parameters<SessionStore['archive']>): ReturnType<SessionStore['archive']> {
    return this.#do(() => this.#store.archive(...given));
  }

  archiveCorrupt(session: SessionId): ReturnType<SessionStore['archiveCorrupt']> {
    return this.#do(() => this.#store.archiveCorrupt(session));
  }

  attach(...given: Parameters<SessionStore['attach']>): Promise<string> {
    return this.#do(() => this.#store.attach(...given));
  }

  readAttachment(...given: Parameters<SessionStore['readAttachment']>): Promise<string | null> {
    return this.#do(() => this.#store.readAttachment(...given));
  }

  close(): Promise<void> {
    return this.#dead ? Promise.resolve() : this.#store.close();
  }

  async #do<T>(job: () => Promise<T>): Promise<T> {
    await this.#alive();
    const result = await job();
    await this.#alive();
    return result;
  }

  /** Resolves when its process runs; never once it is dead. */
  async #alive(): Promise<void> {
    while (this.#stopped) await this.#stopped.until;
    if (this.#dead) await never();
  }

  async #perish(
    session: SessionId,
    draft: Draft,
    { death, cut, onDeath }: { death: Death; cut: number; onDeath: () => void },
  ): Promise<never> {
    if (death === 'after an append') await this.#store.append(session, draft);
    // An append may wait for a lock or a disk: what its process says meanwhile, it has said when it dies.
    else await sleep(APPEND_MS);
    if (this.#dead) return never(); // Somebody else was first.
    if (death === 'within an append') this.#tear(session, draft, cut);
    this.die();
    onDeath();
    return never();
  }

  #tear(session: SessionId, draft: Draft, cut: number): void {
    const path = join(this.#directory, `${session}.jsonl`);
    const { text } = recordLine(draft, this.#writer, Date.now());
    try {
      const whole = readFileSync(path);
      const line = whole.at(-1) === 0x0a ? text : `\n${text}`;
      appendFileSync(path, Buffer.from(line).subarray(0, Math.floor(cut * line.length)));
    } catch {
      // The file is gone: it died before it had one.
    }
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

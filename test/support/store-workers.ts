import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, stop } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import type { Acknowledgement, StoreJob } from './store-worker.ts';

/** One running worker: its process, and all that it was told so far. */
export interface StoreWorker {
  readonly process: ChildProcess;
  readonly acknowledgements: Acknowledgement[];
  /** Resolves when it has ended, by itself or by a signal; throws when it failed. */
  readonly ended: Promise<void>;
}

/** Builds the worker program for the tests of a file and starts processes of it; none outlives the tests. */
export class StoreWorkers {
  private directory = '';
  /** Each with its end. */
  private readonly running = new Map<ChildProcess, Promise<void>>();

  constructor() {
    beforeAll(async () => {
      this.directory = mkdtempSync(join(tmpdir(), 'swb-worker-'));
      await build({
        entryPoints: [join(import.meta.dirname, 'store-worker.ts')],
        outfile: join(this.directory, 'worker.mjs'),
        bundle: true,
        format: 'esm',
        platform: 'node',
        logLevel: 'error',
        banner: { js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);' },
      });
      // Its service would live until this process has ended, and be found as one that a test has left behind.
      await stop();
    });
    afterAll(async () => {
      for (const child of this.running.keys()) child.kill('SIGKILL');
      await Promise.allSettled(this.running.values());
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  /** Starts a worker; `onAcknowledgement` hears each word of it as it comes. */
  start(job: StoreJob, onAcknowledgement: (acknowledgement: Acknowledgement) => void = () => undefined): StoreWorker {
    const child = spawn(process.execPath, [join(this.directory, 'worker.mjs'), JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const acknowledgements: Acknowledgement[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const acknowledgement = JSON.parse(line) as Acknowledgement;
      acknowledgements.push(acknowledgement);
      onAcknowledgement(acknowledgement);
    });
    let complaint = '';
    child.stderr.on('data', (piece) => {
      complaint += piece;
    });
    const ended = once(child, 'close').then(([code, signal]) => {
      this.running.delete(child);
      if (code !== 0 && signal === null) throw new Error(`worker ${job.name} failed (${code}): ${complaint}`);
    });
    this.running.set(child, ended);
    return { process: child, acknowledgements, ended };
  }
}

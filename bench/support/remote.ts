import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** A process of the bench that does what it is asked, so that nothing it does takes time from the one that measures. */
export interface Remote<H extends Handlers> {
  readonly process: ChildProcess;
  call<K extends keyof H & string>(name: K, ...argument: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
}

/** Starts a process that `serve`s; resolves when it is ready. */
export async function startRemote<H extends Handlers>(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Remote<H>> {
  const child = fork(program, args, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  const ready = once(child, 'message');
  await ready;
  child.on('message', ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result as never);
    else call?.reject(new Error(error));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${program} has ended.`));
  });
  return {
    process: child,
    call: (name, ...[argument]) =>
      heard(
        new Promise((resolve, reject) => {
          calls += 1;
          waiting.set(calls, { resolve, reject });
          child.send({ id: calls, name, argument });
        }),
      ),
  };
}

/**
 * The same promise. When a measurement ends early, nobody waits for its last answers any more: that they never come
 * is no news then, and must not end the process before it has cleaned up.
 */
export function heard<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}

/** Does what the other side calls for, and ends with it. */
export function serve(handlers: Handlers): void {
  process.on('message', async ({ id, name, argument }: { id: number; name: string; argument: never }) => {
    try {
      process.send?.({ id, result: await handlers[name]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

import { join } from 'node:path';
import { TIMINGS } from '../../src/runtime/timings.ts';
import { JsonlStore } from '../../src/store/jsonl/jsonl-store.ts';
import { silentLog } from '../support/silent-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { storeContract } from './store-contract.ts';

storeContract('jsonl', () => {
  const directory = join(temporaryDirectory(), '.planning', 'telegram-sessions');
  return (writer) => new JsonlStore({ directory, writer, timings: TIMINGS, log: silentLog });
});

import { MemoryStore } from '../../src/store/memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('memory', () => {
  const place = new MemoryStore({ writer: { role: 'cli', pid: 1 } });
  return (writer) => new MemoryStore({ writer, beside: place });
});

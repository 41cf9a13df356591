import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allRecords } from '../../test/support/all-records.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { StorePlace } from '../../test/support/store-places.ts';
import { SessionView } from './session-view.ts';
import { reportUnreadable } from './unreadable-lines.ts';

it('writes down the first twenty unreadable lines of a log, each once, whoever meets them and however many come', async () => {
  const place = new StorePlace();
  const { store, session, path } = await place.withSession();
  const readers = [new SessionView(store, session), new SessionView(place.store(), session)];
  for (const garbage of ['a\nb\n', 'more\n'.repeat(100), 'even more\n'.repeat(100)]) {
    appendFileSync(path, garbage);
    for (const view of readers) {
      const { unreadable } = await view.refresh();
      await reportUnreadable(store, view, unreadable, silentLog);
    }
  }
  const errors = (await allRecords(store, session)).filter(({ type }) => type === 'error');
  expect(errors).toHaveLength(20);
});

import { expect, it } from 'vitest';
import { silentLog } from '../../test/support/silent-log.ts';
import { Releases } from './releases.ts';

it('releases last opened first, once, whatever fails on the way', async () => {
  const released: string[] = [];
  const releases = new Releases(silentLog);
  releases.push('first', () => void released.push('first'));
  releases.push('failing', () => {
    throw new Error('no');
  });
  releases.push('last', async () => void released.push('last'));
  await Promise.all([releases.releaseAll(), releases.releaseAll()]);
  expect(released).toEqual(['last', 'first']);
});

it('lets go at once of what was opened too late', async () => {
  const released: string[] = [];
  const releases = new Releases(silentLog);
  await releases.releaseAll();
  releases.push('late', () => void released.push('late'));
  await releases.releaseAll();
  expect(released).toEqual(['late']);
});

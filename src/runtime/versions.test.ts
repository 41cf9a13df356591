import { describe, expect, it } from 'vitest';
import { isNewer } from './versions.ts';

describe('isNewer', () => {
  it('orders versions as semver does', () => {
    const ascending = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
      '1.2.9',
      '1.10.0',
      '10.0.0',
    ];
    for (const [index, version] of ascending.entries()) {
      for (const [other, against] of ascending.entries()) {
        expect(isNewer(version, against), `${version} after ${against}`).toBe(index > other);
      }
    }
  });

  it('ignores build metadata, and takes what is no version for neither newer nor older', () => {
    expect(isNewer('1.0.0+b', '1.0.0+a')).toBe(false);
    expect(isNewer('garbage', '1.0.0')).toBe(false);
    expect(isNewer('1.0.0', 'garbage')).toBe(false);
  });
});

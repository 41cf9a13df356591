import { describe, expect, it } from 'vitest';
import { isExempt } from './no-proxy.ts';

const api = 'https://api.telegram.org';

describe('NO_PROXY', () => {
  it.each([
    '*',
    'api.telegram.org',
    'telegram.org',
    '.telegram.org',
    '*.telegram.org',
    'x.y, TELEGRAM.ORG',
    'telegram.org:443',
  ])('that says %s exempts what it names and all below it', (list) => expect(isExempt(api, list)).toBe(true));

  it.each(['', 'legram.org', 'api.telegram.org.evil.example', 'telegram.org:8443', 'localhost'])(
    'that says %j does not exempt others',
    (list) => expect(isExempt(api, list)).toBe(false),
  );

  it('takes addresses, with and without brackets and ports', () => {
    expect(isExempt('http://127.0.0.1:8081', '127.0.0.1')).toBe(true);
    expect(isExempt('http://127.0.0.1:8081', '127.0.0.1:80')).toBe(false);
    expect(isExempt('https://[::1]:8081', '[::1]:8081')).toBe(true);
    expect(isExempt('https://[::1]', '::1')).toBe(true);
  });
});

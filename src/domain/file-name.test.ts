import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName, taggedFileName } from './file-name.ts';

describe('a file name that a person gave', () => {
  it.each([
    ['plan.pdf', 'plan.pdf'],
    ['Größe 日本語.pdf', 'Größe_日本語.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\boot.ini', '_.._boot.ini'],
    ['/etc/passwd', '_etc_passwd'],
    ['.bashrc', 'bashrc'],
    ['...', 'file'],
    ['', 'file'],
    ['.pdf', 'pdf'],
    ['con.txt', '_con.txt'],
    ['NUL', '_NUL'],
    ['com1.tar.gz', '_com1.tar.gz'],
    ['a\u0000b\nc', 'a_b_c'],
    ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
    ['trailing. ', 'trailing._'],
    ['trailing...', 'trailing'],
    ['C:secret', 'C_secret'],
  ])('%j becomes %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
  });

  it('keeps its ending when it is too long, and no half character', () => {
    const name = safeFileName(`${'😀'.repeat(200)}.jpeg`);
    expect(name).toMatch(/^(😀)+\.jpeg$/u);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
  });

  it('that is safe stays as it is, and none leads anywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (given) => {
        const name = safeFileName(given);
        expect(safeFileName(name)).toBe(name);
        expect(safeFileName(taggedFileName(given, '0123abcd'))).toBe(taggedFileName(given, '0123abcd'));
        expect(name).not.toMatch(/^\.|\.$|[/\\]|^$/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
      }),
    );
  });

  it('is told from its like by a tag before its ending', () => {
    expect(taggedFileName('plan.pdf', '3f2a91c0')).toBe('plan-3f2a91c0.pdf');
    expect(() => taggedFileName('plan.pdf', '../x')).toThrow(TypeError);
  });
});

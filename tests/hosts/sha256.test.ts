import { createHash } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { randomWords } from '../../src/common/random.ts';
import { pageFiles } from '../../src/hosts/pagefiles.ts';
import { webHost } from '../../src/hosts/web.ts';

afterEach(() => vi.unstubAllGlobals());

it.each([
  { secure: true, where: 'by the browser' },
  { secure: false, where: 'by a script, where the browser has none' },
])('hashes files in a page $where, in one part or several', async ({ secure }) => {
  vi.stubGlobal('isSecureContext', secure);
  vi.stubGlobal('navigator', { userAgent: 'a test' });
  const digest = vi.spyOn(crypto.subtle, 'digest');
  const host = webHost({ files: pageFiles() });
  const bytes = Uint8Array.from({ length: 100_001 }, randomWords(5, 'bytes'));
  const expected = createHash('sha256').update(bytes).digest('hex');
  expect(await host.sha256Of([bytes])).toBe(expected);
  expect(digest).toHaveBeenCalledTimes(secure ? 1 : 0);
  expect(await host.sha256Of([bytes.subarray(0, 7), bytes.subarray(7)])).toBe(expected);
  digest.mockRestore();
});

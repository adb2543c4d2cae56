import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { version } from '../../src/common/version.ts';

it("limn's version is that of its package", () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(version).toBe((JSON.parse(text) as { version: string }).version);
});

import { expect, it } from 'vitest';
import { described, followPages, parts } from './commands.ts';

it('every page is followed, in one file', () => {
  const where = described.map((page) => Object.values(parts).filter((part) => part.test(page)).length);
  expect(described.filter((_, i) => where[i] !== 1)).toEqual([]);
  expect(described.length).toBeGreaterThan(30);
});

followPages('tutorials');

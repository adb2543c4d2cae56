import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder, limn } from './limn.ts';

const task = {
  ...{ format: 'limn unit 1', id: '0', name: 'net/train', verb: 'train' },
  request: { solver: 'none.prototxt', output: 'run' },
};

/** What is said of a unit.json, and the exit code, by which whoever runs a plan knows what to do. */
it.each([
  ['{', 1, /unit\.json: no JSON/],
  [{ ...task, format: 'limn unit 9' }, 1, /a 'limn unit 9', this limn reads 'limn unit 1'/],
  [{ ...task, format: undefined }, 1, /no unit of limn/],
  [{ ...task, request: [] }, 1, /damaged: parts are missing/],
  [{ ...task, verb: 'toString' }, 1, /net\/train: there is no verb 'toString'; units have train, /],
  [{ ...task, request: { ...task.request, threads: 0 } }, 2, /--threads: expected a whole number from 1 on/],
  [{ ...task, request: { ...task.request, sover: 'x' } }, 2, /--sover: there is no such field/],
  [task, 1, /none\.prototxt: no such file/],
] as const)('a worker says what is wrong with %j', async (given, code, message) => {
  const dir = folder();
  mkdirSync(join(dir, 'units'));
  writeFileSync(join(dir, 'units/unit.json'), typeof given === 'string' ? given : JSON.stringify(given));
  const outcome = await limn(['worker', 'units/unit.json'], dir);
  expect(outcome.stderr).toMatch(message);
  expect(outcome).toMatchObject({ code, stdout: '' });
});

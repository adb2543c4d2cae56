import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { takeLock } from '../../src/common/lock.node.ts';
import { isAlive, machine, type ProcessRef, refTo } from '../../src/common/process.node.ts';
import { folder } from '../cli/limn.ts';

vi.mock('../../src/common/process.node.ts', async (original) => ({
  ...(await original<typeof import('../../src/common/process.node.ts')>()),
  isAlive: vi.fn(),
}));

// What an owner does between the moment at which its lock is read and the one at which it is asked whether it lives.
const owner: ProcessRef = { pid: 1_000_000_000 };
const worker = refTo(process.pid);
const first = { format: 'limn lock 1', token: 't', host: 'here', machine: machine(), runner: owner };

let dir = '';
const write = (more: object) => writeFileSync(join(dir, 'lock.1'), JSON.stringify({ ...first, ...more }));
/** The owner does something and is gone when it is asked for. */
const ownerDoes = (something: () => void) =>
  vi.mocked(isAlive).mockImplementation(({ pid }) => {
    if (pid !== owner.pid) return true;
    something();
    return false;
  });

beforeEach(() => {
  dir = folder();
  write({});
});

it('leaves a lock to a worker that its owner named before it was killed', async () => {
  ownerDoes(() => write({ worker }));
  expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
});

it('leaves a lock to whoever has it instead by then', async () => {
  ownerDoes(() => write({ token: 'another', runner: worker }));
  expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
});

it.each([
  ['has given it back', { released: true, worker }],
  ['has named nobody', {}],
])('takes a lock whose owner %s before it was killed', async (_, last) => {
  ownerDoes(() => write(last));
  expect(await takeLock(join(dir, 'lock'), new Map())).toBeDefined();
  expect(readdirSync(dir)).toEqual(['lock.2']);
});

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic, writeFilesAtomic } from '../../src/common/atomic.node.ts';
import { failPath, systemError } from '../../src/common/errno.node.ts';
import { LimnError } from '../../src/common/error.ts';
import { readBytes } from '../../src/common/file.node.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'limn-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writing a file whole or not at all', () => {
  test('creates and replaces, and leaves nothing beside it', async () => {
    const path = join(folder, 'a.txt');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, Uint8Array.of(116, 119, 111));
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  test('a folder in the way, a missing folder, a file as folder are errors that name the path', async () => {
    const path = join(folder, 'sub');
    await mkdir(path);
    await writeFile(join(folder, 'file'), 'x');
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow(`${path}: is a folder; give a file`);
    await expect(writeFileAtomic(join(folder, 'no', 'a'), 'x')).rejects.toThrow('no such file or folder');
    await expect(writeFileAtomic(join(folder, 'file', 'a'), 'x')).rejects.toThrow(
      'a part of the path is a file',
    );
    expect((await readdir(folder)).sort()).toEqual(['file', 'sub']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', async () => {
    await chmod(folder, 0o500);
    await expect(writeFileAtomic(join(folder, 'a'), 'x')).rejects.toThrow('permission denied');
    await chmod(folder, 0o700);
  });

  test('a full disk leaves the old file and no temporary one', async () => {
    const path = join(folder, 'a.txt');
    await writeFileAtomic(path, 'old');
    // Data that fails while it is written, as a full disk does.
    const failing = {
      async *[Symbol.asyncIterator]() {
        yield 'half';
        throw Object.assign(new Error('write'), { code: 'ENOSPC' });
      },
    } as unknown as string;
    await expect(writeFileAtomic(path, failing)).rejects.toThrow(`${path}: no space left on the disk`);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  test('several files: a failure in the last leaves all as they were', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    await writeFilesAtomic([
      [a, 'a1'],
      [b, ['b', Uint8Array.of(49)] as unknown as Uint8Array[]],
    ]);
    expect([await readFile(a, 'utf8'), await readFile(b, 'utf8')]).toEqual(['a1', 'b1']);
    const failing = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' })),
      }),
    } as unknown as string;
    await expect(
      writeFilesAtomic([
        [a, 'a2'],
        [b, failing],
      ]),
    ).rejects.toThrow(`${b}: no space left on the disk`);
    expect([await readFile(a, 'utf8'), await readFile(b, 'utf8')]).toEqual(['a1', 'b1']);
    expect((await readdir(folder)).sort()).toEqual(['a', 'b']);
  });
});

test('reading says what is wrong with a path', async () => {
  await writeFile(join(folder, 'a'), 'abc');
  expect([...(await readBytes(join(folder, 'a')))]).toEqual([97, 98, 99]);
  await expect(readBytes(folder)).rejects.toThrow('is a folder');
  await expect(readBytes('/dev/zero')).rejects.toThrow('is no regular file');
  await expect(readBytes('a\0b')).rejects.toThrow(LimnError);
});

test("the machine's troubles are told as such, with what to do, where they were expected and where not", () => {
  const troubles = {
    EMFILE: /too many open files; .*ulimit -n 1024/,
    ENFILE: /the system has too many open files; .*/,
    ENOMEM: /not enough memory; .*/,
    ENOSPC: /no space left on the disk; free some space/,
    EDQUOT: /quota is used up; free some space/,
    EIO: /read or write error; check the disk/,
    EAGAIN: /no room for more threads or processes.*; .*ulimit -u/,
    ESTALE: /the network disk has lost the file; mount/,
  };
  for (const [code, message] of Object.entries(troubles)) {
    const error = Object.assign(new Error(`${code}: open`), { code, path: '/x' });
    const about = expect.objectContaining({ kind: 'environment', message: expect.stringMatching(message) });
    expect(() => failPath('/x', error)).toThrow(about);
    expect(systemError(error)).toEqual(about);
    expect(systemError(error)!.where).toBe('/x');
    expect(systemError(Object.assign(new Error(code), { code }))!.where).toBe('limn');
  }
  // Of one file, and not of all: the path's own.
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP', 'ENOTDIR']) {
    const error = Object.assign(new Error(code), { code });
    expect(() => failPath('/x', error)).toThrow(
      expect.objectContaining({ kind: 'input', fix: expect.any(String) }),
    );
  }
  const part = Object.assign(new Error("Cannot find package 'vega' imported from /a/b.js"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  expect(systemError(part)!.message).toBe(
    "limn: a part of it cannot be loaded: Cannot find package 'vega'; install limn anew; or let the process open more files (ulimit -n 1024)",
  );
  for (const bug of [
    new TypeError('bug'),
    'text',
    undefined,
    Object.assign(new Error(), { code: 'ERR_OUT_OF_RANGE' }),
  ]) {
    expect(systemError(bug)).toBeUndefined();
  }
});

test('only system errors become errors about paths', () => {
  expect(() => failPath('x', Object.assign(new Error(), { code: 'EWEIRD' }))).toThrow(
    'x: the system says EWEIRD',
  );
  const bug = new TypeError('bug');
  expect(() => failPath('x', bug)).toThrow(bug);
});

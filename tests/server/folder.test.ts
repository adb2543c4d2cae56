import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shareFolder } from '../../src/server/folder.node.ts';

/* A folder of this machine, as the server gives it: what is in it and nothing else. */

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limn-test-'));
  root = join(base, 'results');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(path: string, content = 'x'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function read(path: string): Promise<string | undefined> {
  const file = await (await shareFolder(root)).open(path.split('/'));
  return file && new Response(file.send(0, file.bytes)).text();
}

describe('opens', () => {
  it('files in it, and links to them', async () => {
    write('a/b.txt', 'inside');
    symlinkSync('a/b.txt', join(root, 'link'));
    symlinkSync(join(root, 'a'), join(root, 'folder'));
    for (const path of ['a/b.txt', 'link', 'folder/b.txt']) expect(await read(path)).toBe('inside');
  });

  it('nothing that lies elsewhere, is no file, or is not there', async () => {
    writeFileSync(join(base, 'secret'), 'outside');
    // A folder whose name goes on where the shared one's ends.
    mkdirSync(join(base, 'results-of-others'));
    writeFileSync(join(base, 'results-of-others', 'secret'), 'outside');
    write('a/b.txt');
    symlinkSync('../secret', join(root, 'up'));
    symlinkSync(join(base, 'results-of-others'), join(root, 'beside'));
    symlinkSync('..', join(root, 'parent'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('nothing', join(root, 'dangling'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const paths = [
      'up',
      'beside/secret',
      'parent/secret',
      'parent/results/a/b.txt',
      'loop',
      'dangling',
      'pipe',
      'a',
      'c',
    ];
    for (const path of [...paths, '..', '../secret', 'a/../../secret', 'a\0']) {
      if (path === 'parent/results/a/b.txt') expect(await read(path)).toBe('x');
      else expect([path, await read(path)]).toEqual([path, undefined]);
    }
  });

  it('in parts, with an error where the file has become shorter', async () => {
    write('big.bin', 'abcdefghij'.repeat(100_000));
    const shared = await shareFolder(root);
    const part = await shared.open(['big.bin']);
    expect(await new Response(part!.send(299_995, 600_000)).text()).toBe(
      `fghij${'abcdefghij'.repeat(30_000)}`,
    );
    const shorter = await shared.open(['big.bin']);
    truncateSync(join(root, 'big.bin'), 400_000);
    await expect(new Response(shorter!.send(0, shorter!.bytes)).text()).rejects.toThrow('shorter');
  });

  it('under another version once it is another', async () => {
    write('a.txt', 'one');
    const shared = await shareFolder(root);
    const versionOf = async () => {
      const file = await shared.open(['a.txt']);
      await file!.close();
      return file!.version;
    };
    const first = await versionOf();
    expect(await versionOf()).toBe(first);
    write('b.txt', 'two');
    renameSync(join(root, 'b.txt'), join(root, 'a.txt'));
    expect(await versionOf()).not.toBe(first);
  });
});

describe('lists', () => {
  it('what the page can open, by what it is', async () => {
    const contents = {
      'net.onnx': 'x',
      'deploy.prototxt': 'x',
      'photos/1.JPG': 'x',
      'eval/result.json': '{\n  "format": "limn result 1",\n  "x": 1 }',
      'eval/answers.csv': 'x',
      'cmp/comparison.json': '{"format":"limn comparison 1"}',
      'cmp/heatmaps/grid.json': '{ "format": "limn grid 1" }',
      'faith/faithfulness.json': '{"format":"limn faithfulness 1"}',
      'other/grid.json': '{"cells": []}',
      'other/constructor.json': '{"format":"limn constructor 1"}',
      'runs/a/log.jsonl': '{}',
      '.git/config': 'x',
      '.env': 'x',
      'node_modules/a/photo.png': 'x',
    };
    for (const [path, content] of Object.entries(contents)) write(path, content);
    writeFileSync(join(base, 'secret.png'), 'outside');
    symlinkSync('../secret.png', join(root, 'secret.png'));
    symlinkSync('photos/1.JPG', join(root, 'same.png'));
    const { version, folder, files, notes } = await (await shareFolder(root)).list();
    expect([version, folder, notes]).toEqual([1, 'results', []]);
    expect(Object.fromEntries(files.map(({ path, kind }) => [path, kind]))).toEqual({
      'cmp/comparison.json': 'comparison',
      'cmp/heatmaps/grid.json': 'grid',
      'deploy.prototxt': 'other',
      'eval/answers.csv': 'other',
      'eval/result.json': 'evaluation',
      'faith/faithfulness.json': 'faithfulness',
      'net.onnx': 'model',
      'other/constructor.json': 'other',
      'other/grid.json': 'other',
      'photos/1.JPG': 'photo',
      'runs/a/log.jsonl': 'run',
      'same.png': 'photo',
    });
    const [first] = files;
    expect(first.bytes).toBe(30);
    expect(new Date(first.modified).toISOString()).toBe(first.modified);
  });

  it('a document anew when it has become another', async () => {
    write('a.json', '{}');
    const shared = await shareFolder(root);
    const kind = async () => (await shared.list()).files[0].kind;
    expect(await kind()).toBe('other');
    write('a.json', '{"format":"limn grid 1"}');
    expect(await kind()).toBe('grid');
  });

  it('so many and no more, and says so', async () => {
    for (let i = 0; i < 5; i++) write(`deep/er/${i}.png`);
    for (let i = 0; i < 5; i++) write(`${i}.png`);
    const { files, notes } = await (await shareFolder(root, { files: 7, folders: 2 })).list();
    expect(files).toHaveLength(7);
    expect(files.filter(({ path }) => !path.includes('/'))).toHaveLength(5);
    expect(notes).toEqual([
      'The folder has 7 files or more: those nearest to its top are listed.',
      'Changes are seen in the 2 folders nearest to its top only.',
    ]);
  });

  it.each([
    ['nothing', 'nothing: no such file or folder; check the path'],
    ['file', 'file: is a file; give the folder that it is in'],
  ])('no folder: %s', async (name, message) => {
    write('file');
    await expect(shareFolder(join(root, name))).rejects.toThrow(message);
  });
});

describe('tells', () => {
  /** Makes changes again and again, since nothing says when the system has begun to watch, until `isHeard`. */
  async function whileChanging(change: () => void, isHeard: () => boolean): Promise<void> {
    const again = setInterval(change, 100);
    await expect.poll(isHeard, { timeout: 30_000 }).toBe(true);
    clearInterval(again);
  }

  it('of files that come, change and go, in folders old and new', async () => {
    write('old/a.txt');
    const shared = await shareFolder(root);
    const paths = new Set<string>();
    const leave = shared.watch((some) => {
      for (const path of some) paths.add(path);
    });
    let times = 0;
    const wanted = ['old/a.txt', 'old/b.txt', 'new/c.txt', 'new/deep/d.txt'];
    await whileChanging(
      () => {
        for (const path of [...wanted, '.hidden', 'old/.hidden']) write(path, String(times++));
      },
      () => wanted.every((path) => paths.has(path)),
    );
    await whileChanging(
      () => {
        rmSync(join(root, 'old/b.txt'), { force: true });
        paths.delete('old/a.txt');
        paths.delete('old/b.txt');
        write('old/b.txt');
        rmSync(join(root, 'old/b.txt'));
      },
      () => paths.has('old/b.txt') && !paths.has('old/a.txt'),
    );
    leave();
    expect([...paths].filter((path) => path.includes('.hidden'))).toEqual([]);
  });

  it('all who listen, until they leave', async () => {
    const shared = await shareFolder(root);
    const heard: [string[], string[]] = [[], []];
    const leave = heard.map((paths) => shared.watch((some) => paths.push(...some)));
    leave[0]();
    await whileChanging(
      () => write('a.txt'),
      () => heard[1].includes('a.txt'),
    );
    expect(heard[0]).toEqual([]);
    leave[1]();
  });
});

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeOnnx } from '../../src/onnx/index.ts';
import { codeOf } from '../source.ts';
import { filesIn, fixtures, folder, limn, main, type Outcome, tinyModel } from './limn.ts';

let dir = '';
beforeAll(async () => {
  dir = await fixtures();
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const steering = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const nasty = 'a\x1b]0;owned\x07\x9b31m\u202egnp';

describe('names from outside do not steer the terminal', () => {
  it('of files that are not there, of options and of their values', async () => {
    const calls = [
      ['classify', 'net.onnx', nasty],
      ['inspect', nasty],
      ['evaluate', 'net.onnx', nasty, '-o', nasty],
      [nasty],
      ['classify', 'net.onnx', 'photo.png', '--top', nasty],
      ['classify', 'net.onnx', 'photo.png', `--${nasty}`],
      ['explain', 'net.onnx', 'photo.png', '--target', nasty, '-o', folder()],
      ['train', '--solver', nasty, '-o', folder()],
      ['plan', nasty, '-o', nasty],
    ];
    for (const call of calls) {
      const { code, stdout, stderr } = await limn(call, dir);
      expect(code).toBeGreaterThan(0);
      expect(stdout + stderr, call.join(' ')).not.toMatch(steering);
      expect(stderr).toMatch(/^limn: [^\n]+\n$/);
    }
  });

  it('of classes, layers and photos, in results for people and in JSON, where they stay the same', async () => {
    const labels = [nasty, 'b', 'c', 'd', 'e'];
    const heads = [{ name: nasty, output: 'prob', kind: 'classes' as const, labels }];
    writeFileSync(join(dir, 'nasty.onnx'), writeOnnx(tinyModel({ heads })).bytes);
    writeFileSync(join(dir, `${nasty}.png`), readFileSync(join(dir, 'photo.png')));
    const to = folder();
    const photo = `${nasty}.png`;
    for (const call of [
      ['classify', 'nasty.onnx', photo],
      ['inspect', 'nasty.onnx'],
      ['explain', 'nasty.onnx', photo, '-o', to],
    ]) {
      const { code, stdout, stderr } = await limn(call, dir);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout, call[0]).not.toMatch(steering);
      expect(stdout).toContain('\\x1b');
    }
    const json = await limn(['classify', 'nasty.onnx', photo, '--top', '5', '--json'], dir);
    expect(json.stdout).not.toMatch(steering);
    expect(json.stdout).toContain('\\u001b');
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain(JSON.stringify(nasty).slice(1, -1));
  });

  it('since one module alone writes to it', () => {
    const cli = new URL('../../src/', import.meta.url).pathname;
    const writers = (readdirSync(cli, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        // Where a program is written as text, that program prints.
        /process\.std(?:out|err)\.write|(?<!')console\./.test(codeOf(join(cli, name))),
      );
    expect(writers).toEqual(['cli/terminal.ts']);
  });
});

/** A call in a process that may have so many files open. */
const limited = (files: number, args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const script = `ulimit -n ${files}; exec "$0" "$@"`;
    execFile('bash', ['-c', script, process.execPath, main, ...args], { cwd: dir }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? null) : 0, stdout, stderr }),
    );
  });

describe.skipIf(process.platform === 'win32')('a system that lets a process open few files', () => {
  const calls = [
    ['inspect', 'net.onnx'],
    ['evaluate', 'net.onnx', 'none.csv', '-o', 'nowhere'],
    ['plan', 'none.yaml', '-o', 'nowhere'],
    ['report', 'nowhere'],
    ['plot', 'rates.csv', '-o', 'rates.png', '--overwrite'],
  ];
  beforeAll(() => writeFileSync(join(dir, 'rates.csv'), 'iteration,value\n0,2\n10,1\n'));

  it.each([24])('of %d says so, and what to do; it is no bug', async (files) => {
    const said = await Promise.all(calls.map((call) => limited(files, call)));
    for (const { stderr } of said) {
      // Whatever the system has room for: either the call fares as ever, or the message says why it does not.
      expect(stderr).toMatch(/^(?:limn: [^\n]*\n)?$/);
      expect(stderr).not.toMatch(/bug in limn|EMFILE/);
      if (/too many open files|cannot be loaded/.test(stderr)) expect(stderr).toContain('ulimit -n 1024');
    }
  });

  it.each([64])('of %d has room for every command', async (files) => {
    for (const call of calls) {
      // One after the other: both write to the same place.
      const few = await limited(files, call);
      expect(few).toEqual(await limn(call, dir));
    }
  });
});

describe('a page that was saved in the place of a file', () => {
  it('is named by every command that is given it', async () => {
    const page = '\n\n\n<!DOCTYPE html>\n<html lang="en"><head><title>GitHub</title></head></html>\n';
    const names = [
      'p.onnx',
      'p.prototxt',
      'p.caffemodel',
      'p.binaryproto',
      'p.txt',
      'p.csv',
      'p.jpg',
      'p.npy',
      'p.yaml',
      'p.json',
    ];
    for (const name of names) writeFileSync(join(dir, name), page);
    mkdirSync(join(dir, 'compared'), { recursive: true });
    writeFileSync(join(dir, 'compared', 'comparison.json'), page);
    const to = folder();
    const calls = [
      ['inspect', 'p.onnx'],
      ['inspect', 'p.prototxt'],
      ['import', 'caffe', 'p.prototxt', 'net.caffemodel', '-o', join(to, 'x.onnx')],
      ['import', 'caffe', 'deploy.prototxt', 'p.caffemodel', '-o', join(to, 'x.onnx')],
      [
        'import',
        'caffe',
        'deploy.prototxt',
        'net.caffemodel',
        '--mean',
        'p.binaryproto',
        '-o',
        join(to, 'x.onnx'),
      ],
      ['import', 'caffe', 'deploy.prototxt', 'net.caffemodel', '--labels', 'p.txt', '-o', join(to, 'x.onnx')],
      ['import', 'onnx', 'bare.onnx', '--labels', 'p.txt', '-o', join(to, 'x.onnx')],
      ['classify', 'net.onnx', 'p.jpg'],
      ['classify', 'net.onnx', 'p.npy'],
      ['average', 'p.txt', '-o', join(to, 'x.png')],
      ['evaluate', 'net.onnx', 'p.csv', '-o', join(to, 'result')],
      ['train', '--solver', 'p.prototxt', '-o', join(to, 'run')],
      ['init', 'p.prototxt', '-o', join(to, 'x.caffemodel')],
      ['data', 'lmdb', 'p.txt', '--images', '.', '-o', join(to, 'db')],
      ['plan', 'p.yaml', '-o', join(to, 'plan.json')],
      ['plot', 'p.txt', '-o', join(to, 'x.svg')],
      ['report', 'compared'],
    ];
    for (const call of calls) {
      const { code, stderr } = await limn(call, dir);
      expect(stderr, call.join(' ')).toMatch(
        /^limn: .*p\.\w+: a web page, not .*Raw button\n$|comparison\.json: a web page/,
      );
      expect(code).toBe(1);
    }
    expect(filesIn(to)).toEqual([]);
  });
});

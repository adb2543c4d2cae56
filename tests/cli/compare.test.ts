import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { parseComparison } from '../../src/report/comparison-file.ts';
import { type About, type Given, result, times } from '../evaluation/results.ts';
import { filesIn, folder, limn } from './limn.ts';

let dir = '';

const keep = (name: string, given: readonly Given[], about: About = {}) =>
  writeResult(join(dir, name), result(given, { name, ordered: true, ...about }), nodeHost);

const by = (gender: string, said: number): Given => ({ said, groups: { gender, race: 'x' } });

beforeAll(async () => {
  dir = folder();
  await keep('a', [
    ...times(50, by('male', 0)),
    ...times(30, by('female', 0)),
    ...times(20, by('female', 2)),
  ]);
  await keep('b', [...times(35, by('male', 0)), ...times(15, by('male', 1)), ...times(50, by('female', 2))]);
  await keep('other', times(10, by('male', 0)), { data: 'e'.repeat(64) });
  await keep('damaged', times(10, by('male', 0)));
  writeFileSync(join(dir, 'damaged', 'answers.csv'), 'image,truth\n');
  writeFileSync(join(dir, 'file'), '');
});

describe('compare', () => {
  it('writes every table in four formats, and all numbers', async () => {
    const out = join(folder(), 'new', 'out');
    const { stdout, stderr, code } = await limn(
      ['compare', 'a', 'b', 'a/', '-o', out, '--group-by', 'gender', 'race'],
      dir,
    );
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/^age: all images at once, with 95 % intervals\nmodel .*\na +100 +80\.0 /);
    expect(stdout).toContain(
      '• age: a has a higher accuracy than b on the same 100 images: 80.0 % against 35.0 %',
    );
    const report = parseComparison(readFileSync(join(out, 'comparison.json'), 'utf8'), 'comparison.json');
    expect(report.targets[0].entries.map(({ name, results }) => [name, results.length])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    const tables = report.tables.map(({ name }) => name);
    expect(tables).toContain('groups-age-gender-race-accuracy');
    expect(filesIn(out)).toEqual(
      [
        'comparison.json',
        ...tables.flatMap((name) => ['csv', 'html', 'md', 'tex'].map((end) => `${name}.${end}`)),
      ].sort(),
    );
    expect(readFileSync(join(out, 'summary-age.csv'), 'utf8')).toMatch(
      /^model,images,accuracy,accuracy_low,accuracy_high,oneOff,.*\na,100,0\.8,/,
    );
  });

  it('prints the same as JSON, the same for the same seed', async () => {
    const call = ['compare', 'a', 'b', '-o', folder(), '--json', '--baseline', 'b'];
    const [first, second] = [await limn(call, dir), await limn(call, dir)];
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout).targets[0].baseline).toBe(1);
  });

  it.each([
    [
      'results of different data',
      ['a', 'other'],
      1,
      /^limn: other: not the data of a: 10 images of list\.txt, sha256 e{12}, and 100 images/,
    ],
    ['a missing folder', ['a', 'none'], 1, /^limn: none: no such file or folder/],
    ['a file', ['file'], 1, /^limn: file: is a file/],
    ['a changed result', ['damaged'], 1, /^limn: damaged\/answers\.csv: /],
    [
      'an unknown column',
      ['a', '--group-by', 'size'],
      1,
      /^limn: --group-by size: no image has this column; choose from age, gender, race/,
    ],
    [
      'a crossing of nothing',
      ['a', '--group-by', 'gender,'],
      2,
      /^limn: --group-by gender,: expected columns/,
    ],
    [
      'an unknown baseline',
      ['a', '--baseline', 'c'],
      1,
      /^limn: --baseline c: none of the results has this name; choose from 'a'/,
    ],
    ['no results', [], 2, /^limn: missing required argument/],
  ])('says what is wrong with %s', async (_, args, expected, message) => {
    const { code, stderr, stdout } = await limn(['compare', ...args, '-o', join(dir, 'out')], dir);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect([code, stdout]).toEqual([expected, '']);
    expect(filesIn(dir).some((path) => path.startsWith('out'))).toBe(false);
  });

  it('compares different data on request', async () => {
    const { stdout, code } = await limn(
      ['compare', 'a', 'other', '-o', folder(), '--allow-different-data'],
      dir,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('other and a were evaluated on different data');
  });
});

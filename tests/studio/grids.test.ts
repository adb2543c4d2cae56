import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { gridElsewhere } from '../../src/studio/results/elsewhere.ts';
import { type GridRequest, grid } from '../../src/verbs/index.ts';
import { modelBytes } from '../conformance/verbs.ts';
import { noise } from '../nets.ts';
import { runCommand, runProgram } from './programs.ts';

/* What the page says of a grid makes the same grid: its record, to the last number. */

describe('a grid', () => {
  let dir = '';
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'limn-grids-'));
    for (const name of ['first.onnx', 'second.onnx']) writeFileSync(join(dir, name), modelBytes());
    mkdirSync(join(dir, 'photos'));
    const labels = ['ant', 'dog'];
    for (const [i, label] of labels.entries()) {
      const data = Uint8Array.from(noise([3 * 24 * 24], i + 1).data, (x) => 128 + 40 * x);
      const png = await nodeHost.images.encodePng({ channels: 3, width: 24, height: 24, data });
      writeFileSync(join(dir, 'photos', `${label}.png`), png);
    }
    writeFileSync(join(dir, 'list.csv'), 'path,class\nphotos/ant.png,ant\nphotos/dog.png,dog\n');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const photos = ['photos/ant.png', 'photos/dog.png'];
  const requests: readonly (readonly [string, Omit<GridRequest, 'models' | 'output'>])[] = [
    ['of photos', { photos }],
    ['of photos with their classes', { photos, truth: ['ant', 'dog'], target: 'true', sharedScale: true }],
    [
      'by another method, with names',
      { photos, method: 'smoothgrad', samples: 3, seed: 4, names: ['one', 'two'] },
    ],
    ['by a composite', { photos, composite: 'alpha-beta', beta: 0.5, colors: 'seismic', target: 'dog' }],
    ['of means', { means: 'list.csv', by: ['predicted'] }],
  ];
  it.each(requests)('%s is made again by the command and the program', async (_, asked) => {
    const before = process.cwd();
    process.chdir(dir);
    const { record } = await grid(
      { ...asked, models: ['first.onnx', 'second.onnx'], output: 'made', threads: 1 },
      nodeHost,
    ).finally(() => process.chdir(before));
    const { command, program } = gridElsewhere(record, 'again');
    const read = () => JSON.parse(readFileSync(join(dir, 'again', 'grid.json'), 'utf8'));
    const said = JSON.parse(JSON.stringify(record));
    await runCommand(command, dir);
    expect(read()).toEqual(said);
    rmSync(join(dir, 'again'), { recursive: true });
    await runProgram(program, dir);
    expect(read()).toEqual(said);
    for (const folder of ['again', 'made']) rmSync(join(dir, folder), { recursive: true });
  });
});

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filterNet, parsePrototxt, parseSolver, upgradeNet } from '../../src/caffe/index.ts';
import { dataSettings } from '../../src/training/batches/layer.ts';
import { pathResolver } from '../../src/training/paths.node.ts';
import { temporaryFolder } from '../data/temporary.ts';
import { describeShared, shared } from '../shared.ts';

const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder, ...parts);

/** Makes files, and folders where a path ends in `/`. */
function make(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(at(path)), { recursive: true });
    if (path.endsWith('/')) mkdirSync(at(path), { recursive: true });
    else writeFileSync(at(path), '');
  }
}

describe('a path', () => {
  it('is taken as it stands, beside the file that names it before the current folder', () => {
    make('nets/mean', 'elsewhere/absolute');
    const resolve = pathResolver({ base: at('nets') });
    expect(resolve('mean', 'net')).toBe(at('nets/mean'));
    expect(resolve(at('elsewhere/absolute'), 'net')).toBe(at('elsewhere/absolute'));
    expect(resolve('package.json', 'net')).toBe('package.json');
    make('nets/package.json');
    expect(resolve('package.json', 'net')).toBe(at('nets/package.json'));
    expect(resolve('absolute', 'net', at('elsewhere'))).toBe(at('elsewhere/absolute'));
  });

  it('is mapped by the longest prefix of whole parts, even where it is there itself', () => {
    make('old/a/x', 'new/a/x', 'newer/x', 'older/x');
    const map = { [at('old')]: at('new'), [`${at('old/a')}/`]: `${at('newer')}/` };
    const told: string[][] = [];
    const resolve = pathResolver({ map, tell: (...pair) => told.push(pair) });
    expect(resolve(at('old/a/x'), 'net')).toBe(at('newer/x'));
    expect(resolve(at('old/a/x'), 'net')).toBe(at('newer/x'));
    expect(resolve(at('old/a'), 'net')).toBe(`${at('newer')}/`);
    expect(resolve(at('older/x'), 'net')).toBe(at('older/x'));
    expect(told).toEqual([
      [at('old/a/x'), at('newer/x')],
      [at('old/a'), `${at('newer')}/`],
    ]);
    expect(pathResolver({ map: { '/': folder } })('/new/a/x', 'net')).toBe(at('new/a/x'));
    expect(pathResolver({ map: { lists: at('new') } })('lists/a/x', 'net')).toBe(at('new/a/x'));
  });

  it('is found under the data root by the longest end that is there', () => {
    make('root/lmdb/fold_0/train/', 'root/fold_0/train/', 'root/train/', 'root/fold_1/train/');
    const resolve = pathResolver({ dataRoot: at('root') });
    expect(resolve('/home/x/lmdb/fold_0/train', 'net')).toBe(at('root/lmdb/fold_0/train'));
    expect(resolve('/home/x/lmdb/fold_1/train', 'net')).toBe(at('root/fold_1/train'));
    expect(resolve('../y/./train/', 'net')).toBe(at('root/train'));
  });

  it('must not share its place under the data root with another', () => {
    make('root/fold_0/val/');
    const resolve = pathResolver({ dataRoot: at('root') });
    expect(resolve('/x/lmdb/fold_0/val', 'net')).toBe(at('root/fold_0/val'));
    expect(resolve('/x/lmdb/fold_0/val', 'net')).toBe(at('root/fold_0/val'));
    expect(() => resolve('/x/lmdb_mixed/fold_0/val', 'net:3')).toThrow(
      `net:3: '/x/lmdb_mixed/fold_0/val' and '/x/lmdb/fold_0/val' would both be ${at('root/fold_0/val')}; ` +
        "keep more of their paths under dataRoot, or give map 'OLD=NEW'",
    );
  });

  it('that is nowhere is an error that says where it was looked for', () => {
    expect(() => pathResolver({ base: '/b' })('c/d', "net:3:1: layer 'data': source")).toThrow(
      "net:3:1: layer 'data': source: 'c/d' is not there (tried /b/c/d, c/d); give dataRoot 'DIR', or map 'OLD=NEW'",
    );
    expect(() => pathResolver({ dataRoot: '/r' })('/c/d', 'net')).toThrow(
      "net: '/c/d' is not there (tried /c/d, every end of it under /r); give map 'OLD=NEW'",
    );
    expect(() => pathResolver({ map: { '/c': '/e' }, dataRoot: at('root') })('/c/train', 'net')).toThrow(
      "net: '/c/train' is /e/train by map, which is not there; correct map 'OLD=NEW'",
    );
    for (const [from, to] of [
      ['', 'x'],
      ['/c', ''],
    ] as const) {
      expect(() => pathResolver({ map: { [from]: to } })).toThrow(
        `map: expected OLD=NEW, got '${from}=${to}'`,
      );
    }
  });
});

describeShared('the 190 committed solvers', () => {
  const definitions = shared('adience/model_definitions');
  // Where the databases were on the machine that the files were written on.
  const home = () => {
    const net = readFileSync(
      join(definitions, 'age_net_definitions/train_val_test_fold_is_0.prototxt'),
      'utf8',
    );
    return /source:\s*"(.*)\/lmdb\//.exec(net)![1];
  };
  for (const kind of ['', '_unaligned', '_mixed']) {
    for (const fold of [0, 1, 2, 3, 4]) {
      make(`data/mean_image${kind}/Test_fold_is_${fold}/mean.binaryproto`);
      for (const target of ['age', 'gender']) {
        for (const split of ['train', 'val']) {
          make(`data/lmdb${kind}/Test_fold_is_${fold}/${target}_${split}_lmdb/`);
        }
      }
    }
  }

  const solvers = () =>
    readdirSync(definitions, { recursive: true, encoding: 'utf8' })
      .filter((path) => /solver_test_fold_is_\d\.prototxt$/.test(path))
      .map((path) => join(definitions, path));

  it.each([
    ['--data-root', () => ({ dataRoot: at('data') })],
    ['--map', () => ({ map: { [home()]: at('data') } })],
  ])('find their networks, databases and means by %s', (_, options) => {
    const resolve = pathResolver(options());
    const old = home();
    const files = solvers();
    expect(files).toHaveLength(190);
    let found = 0;
    for (const solver of files) {
      const { net } = parseSolver(readFileSync(solver, 'utf8'), solver);
      const file = resolve(net, `${solver}: net`, dirname(solver));
      expect(file).toBe(join(dirname(solver), net));
      const whole = upgradeNet(parsePrototxt(readFileSync(file, 'utf8'), file), file);
      for (const phase of ['train', 'test'] as const) {
        const layers = filterNet(whole, { phase }, file).layer.filter(({ type }) => /Data$/.test(type));
        expect(layers).toHaveLength(1);
        const { source, meanFile } = dataSettings(layers[0], file);
        for (const path of [source.path, meanFile!]) {
          const place = resolve(path, file, dirname(file));
          expect(place).toBe(at('data', relative(old, path)));
          found++;
        }
      }
    }
    expect(found).toBe(760);
  });
});

it("names a place once that is both the naming file's folder and the current one", () => {
  const resolver = pathResolver({ base: process.cwd() });
  expect(() => resolver('c/none', 'net')).toThrow(
    `net: 'c/none' is not there (tried c/none); give dataRoot 'DIR'`,
  );
  expect(() => pathResolver({})('c/none', 'net')).toThrow("(tried c/none); give dataRoot 'DIR'");
});

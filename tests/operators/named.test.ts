import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { operatorNames } from '../../src/operators/table.ts';

/** Where operators are named by right: they say what each is, read and write formats that have them, or match them. */
const rooms = [
  'src/operators/',
  'src/onnx/',
  'src/caffe/',
  'src/models/',
  'src/relevance/composites/composite.ts',
  'src/relevance/composites/composites.ts',
  'src/relevance/composites/toolbox.ts',
];

/** Files elsewhere that tell operators apart, with the reason why each may. */
const exceptions: Readonly<Record<string, string>> = {
  'src/relevance/canonise/layers.ts': 'lists layers as Caffe does, where Split is a type of its own',
  'src/relevance/composites/describe.ts':
    'writes LRN as the word that people know for normalisation by neighbours',
  'src/runtime/packing.ts': 'knows which of the kernels of ONNX Runtime hold their weights twice',
  'src/gradient/sum.ts':
    'looks for products and sums that the walk itself has built, not for those of a network',
  'src/relevance/rules/favoured.ts':
    'looks for a product with what a rectifier made, which the walk itself has built',
};

const comment = /^\s*(\/\*|\*|\/\/)/;

/** A name in quotes that is not the operator of a node being made: `op('Add', …)`, `{ op: 'Identity', … }`. */
const named = new RegExp(
  `(?<!\\.ops?\\([^,[]*|\\bop: )(['"\`])(${[...operatorNames, 'Constant', 'Shape', 'Where', 'Erf'].join('|')})\\1`,
);

test('nothing but operators, importers, exporters and composites asks for an operator by name', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path.replaceAll('\\', '/')}`);
  expect(files.length).toBeGreaterThan(400);
  const found = files
    .filter((path) => !rooms.some((room) => path.startsWith(room)))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          !comment.test(line) && named.test(line) ? [{ path, at: `${path}:${i + 1}: ${line.trim()}` }] : [],
        ),
    );
  expect(found.filter(({ path }) => !exceptions[path]).map(({ at }) => at)).toEqual([]);
  for (const path of Object.keys(exceptions)) expect(found.map((line) => line.path)).toContain(path);
});

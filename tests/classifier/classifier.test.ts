import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  argmax,
  assumedPreprocessing,
  checkChoice,
  classifierOf,
  meanRow,
  openClassifier,
  prepare,
  ranked,
  rows,
  runBatches,
} from '../../src/classifier/index.ts';
import { LimnError } from '../../src/common/error.ts';
import { fixBatch, float32, type Graph, type Model, type Tensor } from '../../src/graph/index.ts';
import { image, preprocess } from '../../src/image/index.ts';
import type { Session } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise, tinyInception } from '../nets.ts';

const labels = ['ant', 'bee', 'cat', 'dog', 'elk'];
const preprocessing = {
  resize: { height: 17, width: 17, mode: 'stretch' },
  channels: 'bgr',
  mean: [9, 8, 7],
} as const;
const model: Model = {
  graph: tinyInception(),
  info: {
    heads: [
      { name: 'scores', output: 'fc', kind: 'classes' },
      { name: 'class', output: 'prob', kind: 'classes', labels },
    ],
    provenance: {},
    preprocessing,
  },
};
/** The same, whose head gives the logarithms of its probabilities. */
const logarithmic: Model = {
  ...model,
  graph: {
    ...model.graph,
    nodes: model.graph.nodes.map((node) => (node.op === 'Softmax' ? { ...node, op: 'LogSoftmax' } : node)),
  },
};
const photo = (seed: number) =>
  image(
    23,
    19,
    Uint8Array.from(noise([23 * 19 * 3], seed).data, (x) => 128 + 127 * x),
    'photo',
  );

/** A session that doubles its input, image by image, and remembers how many images it was given at a time. */
function doubling(given: number[]): Session {
  return {
    async run({ x }) {
      given.push(x.shape[0]);
      return {
        y: float32(
          x.shape,
          (x.data as Float32Array).map((value) => 2 * value),
        ),
      };
    },
    release: async () => {},
  };
}

const identity = (batch: number | 'N'): Graph => ({
  name: 'doubling',
  inputs: [{ name: 'x', type: 'float32', shape: [batch, 3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [batch, 3] }],
  nodes: [],
  constants: new Map(),
});

describe('batches of any size', () => {
  it('give what one run would, in order, each image once', async () => {
    const sizes = fc.record({
      images: fc.integer({ min: 1, max: 13 }),
      size: fc.integer({ min: 1, max: 9 }),
      parallel: fc.integer({ min: 1, max: 4 }),
      fixed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ images, size, parallel, fixed }) => {
        const given: number[] = [];
        const graph = identity(fixed ? size : 'N');
        const input = noise([images, 3], images);
        const options = { size: fixed ? 99 : size, parallel };
        const { y } = await runBatches(graph, doubling(given), input, options);
        expect(y).toEqual(
          float32(
            [images, 3],
            input.data.map((value) => 2 * value),
          ),
        );
        const runs = Math.ceil(images / size);
        expect(given).toHaveLength(runs);
        // Only a graph that fixes its batch is given images to fill it up.
        if (fixed) expect(given).toEqual(Array.from({ length: runs }, () => size));
        else expect(given.reduce((sum, n) => sum + n, 0)).toBe(images);
      }),
    );
  });

  it('stop where the counter says so, and count images', async () => {
    let done = 0;
    const counter = {
      check: () => {
        if (done >= 4) throw new Error('enough');
      },
      add: (n: number) => {
        done += n;
      },
    };
    const batches = runBatches(identity('N'), doubling([]), noise([9, 3], 1), { size: 2, counter });
    await expect(batches).rejects.toThrow('enough');
    expect(done).toBe(4);
  });
});

describe('a ranking', () => {
  const row = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 12 });

  it('has the largest value first, of equals the first class', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 14 }), (values, top) => {
        const best = ranked(values, { labels }, top);
        expect(best).toHaveLength(Math.min(top, values.length));
        expect(best[0].index).toBe(argmax(values));
        expect(argmax(values)).toBe(values.indexOf(Math.max(...values)));
        for (const [i, { index, label, value }] of best.entries()) {
          expect(value).toBe(values[index]);
          expect(label).toBe(labels[index] ?? `class ${index}`);
          // Literally: so many stand before it.
          expect(values.filter((other, j) => other > value || (other === value && j < index))).toHaveLength(
            i,
          );
        }
      }),
    );
    expect(() => argmax([])).toThrow(LimnError);
  });

  it('may be of the mean over crops', () => {
    const t = noise([4, 3], 5);
    expect(meanRow(t, 1, 3)).toEqual([0, 1, 2].map((i) => (t.data[3 + i] + t.data[6 + i]) / 2));
  });
});

describe('a classifier', () => {
  it('asks the named head, else the one that is called as the target, else the deepest', () => {
    expect(classifierOf(model, { head: 'scores', target: 'class' }).head.output).toBe('fc');
    expect(classifierOf(model, { target: 'scores' }).head.output).toBe('fc');
    expect(classifierOf(model, { target: 'age' })).toMatchObject({
      head: { output: 'prob' },
      link: 'softmax',
      classes: 5,
    });
    expect(classifierOf(model, { head: 'scores' }).link).toBeUndefined();
    expect(() => classifierOf(model, { head: 'age' })).toThrow("head 'age': the model has no such output");
  });

  it('says what is missing', () => {
    const { preprocessing: _, ...info } = model.info;
    const bare = { ...model, info };
    const classifier = classifierOf(bare, { name: 'net.onnx' });
    expect(() => prepare(classifier, photo(1))).toThrow(
      'net.onnx: the model does not say how photos are prepared',
    );
    expect(assumedPreprocessing(classifier)).toEqual({
      resize: { height: 17, width: 17, mode: 'stretch' },
      channels: 'rgb',
    });
    expect(() => checkChoice({ ...classifier, classes: 1 })).toThrow(
      'one value is no choice between classes',
    );
    const small = { ...model, info: { ...model.info, preprocessing: { channels: 'rgb' } as const } };
    expect(() => prepare(classifierOf(small), photo(1), { name: 'a.jpg' })).toThrow(/^a\.jpg: its shape is/);
  });

  it.each(['free', 'fixed'])('answers for photos, crops and batches of a %s batch alike', async (kind) => {
    const graph = kind === 'fixed' ? fixBatch(model.graph, 4) : model.graph;
    const opened = await openClassifier(
      { ...model, graph },
      { runtime: nodeRuntime, target: 'class', batch: 3 },
    );
    const photos = [1, 2, 3, 4, 5].map(photo);
    const said = await opened.classify(photos);
    const input = preprocess(photos, preprocessing);
    const output = await opened.run(input);
    for (const [i, { predicted, values, probabilities, ranked: best }] of said.entries()) {
      const row = rows(output, i, i + 1).data;
      expect(values).toEqual(Array.from(row));
      expect(predicted).toBe(argmax(row));
      expect(best[0]).toEqual({ index: predicted, label: labels[predicted], value: row[predicted] });
      expect(probabilities).toBe(true);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
    expect(await opened.classify([])).toEqual([]);
    await opened.release();
  });

  it('makes probabilities of their logarithms', async () => {
    const options = { runtime: nodeRuntime, target: 'class' };
    const plain = await openClassifier(model, options);
    const opened = await openClassifier(logarithmic, options);
    expect([plain.link, opened.link]).toEqual(['softmax', 'log-softmax']);
    const photos = [1, 2, 3].map(photo);
    const [expected, said] = [await plain.classify(photos), await opened.classify(photos)];
    const input = preprocess(photos, preprocessing);
    const scores = await openClassifier(model, { ...options, target: 'scores' });
    const raw = await scores.run(input);
    const rowsSaid = await opened.run(input);
    for (const [i, { values, predicted, probabilities, ranked: best }] of said.entries()) {
      expect(probabilities).toBe(true);
      expect(predicted).toBe(expected[i].predicted);
      expect(values).toEqual(Array.from(rows(rowsSaid, i, i + 1).data));
      expect(best.map(({ value }) => value)).toEqual([...values].sort((a, b) => b - a));
      const exps = Array.from(rows(raw, i, i + 1).data, Math.exp);
      const sum = exps.reduce((a, b) => a + b, 0);
      for (const [k, value] of values.entries()) {
        expect(value).toBeCloseTo(exps[k] / sum, 5);
        expect(value).toBeCloseTo(expected[i].values[k], 5);
      }
    }
    await Promise.all([plain, opened, scores].map((each) => each.release()));
  });

  it.each([
    ['probabilities', model],
    ['their logarithms', logarithmic],
  ])('takes the mean of the probabilities of ten crops, of %s', async (_, given) => {
    const wide = {
      ...preprocessing,
      resize: { ...preprocessing.resize, height: 21, width: 21 },
      crop: { height: 17, width: 17 },
    };
    const opened = await openClassifier(
      { ...given, info: { ...model.info, preprocessing: wide } },
      { runtime: nodeRuntime, target: 'class' },
    );
    const [said] = await opened.classify([photo(7)], { crops: 'ten' });
    const ten: Tensor<'float32'> = preprocess([photo(7)], wide, { crops: 'ten' });
    expect(said.values).toEqual(meanRow(await opened.run(ten), 0, 10));
    expect(said.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    await opened.release();
  });
});

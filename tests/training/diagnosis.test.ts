import { describe, expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { int64 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import {
  checkLabels,
  diagnoseIteration,
  type FailedIteration,
  firstNonFinite,
  nonFiniteError,
} from '../../src/training/diagnosis/index.ts';
import { fillMask } from '../../src/training/engine/mask.ts';
import { smallFeeds, smallNet, smallWeights } from './net.ts';

const diagnose = (net = smallNet(), weights = smallWeights(net), feeds = smallFeeds()) =>
  firstNonFinite(net, { weights, feeds }, nodeRuntime, { threads: 1 });

describe('the first value that is not finite', () => {
  it('is none where all are finite', async () => {
    expect(await diagnose()).toBeUndefined();
    expect(nonFiniteError(3, 'loss is NaN', undefined).message).toBe(
      'iteration 3: loss is NaN: every value and gradient is finite: it is the update that overflows; lower base_lr',
    );
  });

  it('is found in the pictures', async () => {
    const feeds = smallFeeds();
    const data = feeds.data.data as Float32Array;
    data[16 + 6] = Number.NaN;
    data[16 + 9] = Number.NEGATIVE_INFINITY;
    const found = await diagnose(undefined, undefined, feeds);
    expect(found).toMatchObject({
      stage: 'input',
      layer: 'data',
      value: 'data',
      count: 2,
      first: [1, 0, 1, 2],
    });
    expect(nonFiniteError(132, 'loss is NaN', found).message).toBe(
      "iteration 132: loss is NaN: input 'data' of layer 'data': 2 of 32 values are not finite, " +
        'the first (NaN) at [1,0,1,2]; check the data',
    );
  });

  it('is found in a parameter', async () => {
    const net = smallNet();
    const weights = smallWeights(net);
    weights.get('conv2.weight')![20] = Number.NEGATIVE_INFINITY;
    const found = await diagnose(net, weights);
    expect(nonFiniteError(7, 'weights are not finite', found).message).toBe(
      "iteration 7: weights are not finite: parameter 'conv2.weight' of layer 'conv2': 1 of 36 values is not finite, " +
        'the first (-Infinity) at [1,0,0,2]; lower base_lr',
    );
  });

  it.each([
    ['conv1', 'Conv', [2, 2, 4, 4]],
    ['conv2', 'Conv', [2, 2, 4, 4]],
    ['fc', 'Gemm', [2, 3]],
  ])('is found at layer %s', async (layer, op, shape) => {
    const net = smallNet();
    const weights = smallWeights(net);
    const feeds = smallFeeds();
    (feeds.data.data as Float32Array).fill(1);
    // Only the second channel overflows; the first of it that does is known, since nothing cancels there.
    const weight = weights.get(`${layer}.weight`)!;
    if (layer === 'fc') weights.get('conv2.bias')!.fill(1e3);
    const half = layer === 'fc' ? 32 : weight.length / 2;
    weight.fill(3e38, half, 2 * half);
    weights.get('conv1.bias')!.fill(20);
    const found = await diagnose(net, weights, feeds);
    expect(found).toMatchObject({ stage: 'forward', layer, op, value: layer, shape });
    expect(found!.first.slice(0, 2)).toEqual([0, 1]);
    expect(found!.weightReach).toBe(Math.fround(3e38));
    if (layer === 'conv1') expect(found!.inputReach).toBe(1);
    else expect(found!.inputReach).toBeGreaterThan(1);
  });

  it('counts, and says what went in', async () => {
    const net = smallNet();
    const weights = smallWeights(net);
    const feeds = smallFeeds();
    (feeds.data.data as Float32Array).fill(2, 0, 16).fill(0, 16);
    weights.get('conv1.weight')!.fill(0).fill(3e38, 4, 5);
    weights.get('conv1.bias')!.fill(0);
    const found = await diagnose(net, weights, feeds);
    expect(nonFiniteError(0, 'loss is NaN', found).message).toBe(
      "iteration 0: loss is NaN: first at layer 'conv1' (Conv): 16 of 64 values are not finite, " +
        'the first (Infinity) at [0,0,0,0], its input reaches 2, its weights 3e+38; lower base_lr, or check the data',
    );
  });

  it('is found on the way back, nearest to the loss', async () => {
    const net = smallNet({ lossWeight: 3e38 });
    const weights = smallWeights(net);
    weights.get('fc.weight')!.fill(0).fill(1e4, 0, 1);
    const found = await diagnose(net, weights);
    expect(found).toMatchObject({
      stage: 'backward',
      layer: 'fc',
      op: 'Gemm',
      value: 'fc:flat',
      shape: [2, 32],
    });
    expect(found!.count).toBeGreaterThan(0);
    expect(nonFiniteError(5, 'weights are not finite', found).message).toMatch(
      /^iteration 5: weights are not finite: first in the gradient of 'fc:flat' at layer 'fc' \(Gemm\): \d+ of 64 values (?:is|are) not finite, the first \(-?Infinity\) at \[0,0\], what arrives reaches \S+e\+38, its weights 10000; lower base_lr, or set clip_gradients$/,
    );
  });

  it('needs every input and every parameter', async () => {
    const { label, ...rest } = smallFeeds();
    await expect(diagnose(undefined, undefined, rest)).rejects.toThrow("input 'label': is missing");
    await expect(diagnose(undefined, new Map())).rejects.toThrow("parameter 'conv1.weight': is missing");
  });
});

describe('an iteration that failed', () => {
  const failed = (net = smallNet({ drop: 0.5 }), weights = smallWeights(net)) => {
    const { data, label } = smallFeeds();
    return { net, weights, batches: [{ data, label }], iteration: 132, parts: 1, seed: 7, loss: Number.NaN };
  };
  const message = async (iteration: FailedIteration) =>
    (await diagnoseIteration(iteration, nodeRuntime, { threads: 1 })).message;

  it('is computed again in its parts, from shared memory too', async () => {
    const iteration = failed();
    const shared = new Map(
      [...iteration.weights].map(([name, data]) => {
        const copy = new Float32Array(new SharedArrayBuffer(data.byteLength));
        copy.set(data);
        return [name, copy];
      }),
    );
    shared.get('conv1.weight')!.fill(3e38, 0, 9);
    // Only the second picture, the second part of two, is large enough for an overflow.
    const batch = iteration.batches[0];
    (batch.data.data as Float32Array).fill(0, 0, 16).fill(1, 16);
    expect(await message({ ...iteration, weights: shared, parts: 2 })).toMatch(
      /^iteration 132: loss is NaN: first at layer 'conv1' \(Conv\): 16 of 32 values .* \[0,0,0,0\]/,
    );
    expect(await message({ ...iteration, weights: shared, parts: 1 })).toMatch(
      /^iteration 132: loss is NaN: first at layer 'conv1' \(Conv\): 16 of 64 values .* \[1,0,0,0\]/,
    );
  });

  it('is computed again with its masks', async () => {
    const net = smallNet({ drop: 0.5 });
    const weights = smallWeights(net);
    for (const layer of ['conv1', 'conv2']) {
      weights.get(`${layer}.weight`)!.fill(0);
      weights.get(`${layer}.bias`)!.fill(1);
    }
    // One of the two pictures' 32 values overflows, where it is kept: doubled.
    weights.get('conv2.bias')!.fill(3e38, 0, 1).fill(0, 1);
    const { seed, iteration } = failed();
    const mask = new Float32Array(64);
    fillMask(mask, net.masks[0], seed, iteration, 0);
    const kept = mask.filter((value, i) => value > 0 && i % 32 < 16).length;
    expect(kept).toBeGreaterThan(0);
    expect(await message(failed(net, weights))).toMatch(
      new RegExp(`first at layer 'drop' \\(Mul\\): ${kept} of 64 values (?:is|are) not finite`),
    );
  });

  it('is called after what showed', async () => {
    const iteration = failed();
    const gradient = await message({ ...iteration, loss: 0.5, bad: 'fc.weight' });
    expect(gradient).toMatch(
      /^iteration 132: the gradient or the new weights of 'fc.weight' are not finite: every/,
    );
    expect(await message({ ...iteration, loss: 0.5 })).toMatch(
      /^iteration 132: gradients are not finite: every/,
    );
  });
});

describe('labels', () => {
  it('are refused where there is no class for them, with their place', () => {
    const net = smallNet();
    expect(() => checkLabels(net, smallFeeds([0, 2]))).not.toThrow();
    expect(() => checkLabels(net, smallFeeds([2, 3]))).toThrow(
      new LimnError(
        "net.prototxt:2:1: layer 'data': image 1 of the batch",
        "the label 3 is none of the 3 classes of layer 'loss'",
        'labels go from 0 to 2: correct them, or raise num_output',
      ),
    );
    expect(() => checkLabels(net, smallFeeds([-1, 0]), (_, image) => `list.txt:${image + 1}`)).toThrow(
      "list.txt:1: the label -1 is none of the 3 classes of layer 'loss'; labels go from 0 to 2",
    );
  });

  it('may be ones that do not count', () => {
    const net = smallNet();
    const ranges = net.ranges.map((range) => ({ ...range, ignored: 255 }));
    expect(() => checkLabels({ ...net, ranges }, smallFeeds([255, 0]))).not.toThrow();
    expect(() => checkLabels({ ...net, ranges }, smallFeeds([254, 0]))).toThrow('the label 254 is none');
  });

  it('may be several of one picture', () => {
    const net = smallNet();
    const label = int64([2, 3], [0, 1, 2, 2, 1, 9]);
    expect(() => checkLabels(net, { label })).toThrow('image 1 of the batch: the label 9 is none');
  });
});

import { describe, expect, it } from 'vitest';
import { float32, int64, type Tensor } from '../../src/graph/tensor.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { noise, type OldModel, type OldNode, oldBytes, run, runGraph } from './support.ts';

const weights = {
  repeats: int64([4], [4, 1, 1, 1]),
  once: int64([4], [1, 1, 1, 4]),
  all: int64([3], [0, 2, 3]),
  first: int64([1], [-4]),
  positions: int64([2], [2, 3]),
  windows: int64([4], [-1, 3, 2, 2]),
  images: int64([4], [-1, 12, 2, 2]),
  w: noise([12, 5], 2),
};

/** x [N, 3, 4, 4], a node or more to `z`, and the scores of what is left of it. */
const network = (nodes: OldNode[], inputs: OldModel['inputs'] = { x: ['N', 3, 4, 4] }): OldModel => ({
  opset: 18,
  inputs,
  outputs: { y: ['N', 5] },
  weights,
  nodes: [
    ...nodes,
    { op: 'Reshape', inputs: ['z', 'images'], outputs: ['r'] },
    { op: 'ReduceMean', inputs: ['r', 'positions'], outputs: ['m'], attributes: { keepdims: 0 } },
    { op: 'MatMul', inputs: ['m', 'w'], outputs: ['y'] },
  ],
});

/** GC ViT's: the windows of the images by the queries of the images, one after another. */
const globalQueries: OldNode[] = [
  { op: 'Reshape', inputs: ['x', 'windows'], outputs: ['v'] },
  { op: 'AveragePool', inputs: ['x'], outputs: ['q'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'Tile', inputs: ['q', 'repeats'], outputs: ['t'] },
  { op: 'Mul', inputs: ['v', 't'], outputs: ['z'] },
];

const mixing: Record<string, OldNode[]> = {
  'repeats a batch': globalQueries,
  'normalises over a batch': [{ op: 'MeanVarianceNormalization', inputs: ['x'], outputs: ['z'] }],
  'subtracts the mean of a batch': [
    { op: 'ReduceMean', inputs: ['x', 'all'], outputs: ['mean'], attributes: { keepdims: 1 } },
    { op: 'Sub', inputs: ['x', 'mean'], outputs: ['z'] },
  ],
  'divides by the largest of a batch': [
    { op: 'Exp', inputs: ['x'], outputs: ['e'] },
    { op: 'ReduceMax', inputs: ['e', 'first'], outputs: ['most'], attributes: { keepdims: 1 } },
    { op: 'Div', inputs: ['e', 'most'], outputs: ['z'] },
  ],
};

const separate: Record<string, OldNode[]> = {
  'repeats positions': [
    { op: 'Tile', inputs: ['x', 'once'], outputs: ['t'] },
    { op: 'MaxPool', inputs: ['t'], outputs: ['z'], attributes: { kernel_shape: [1, 4], strides: [1, 4] } },
  ],
  'normalises each image': [
    {
      op: 'MeanVarianceNormalization',
      inputs: ['x'],
      outputs: ['z'],
      attributes: { axes: [1, 2, 3] },
    },
  ],
};

const x = noise([3, 3, 4, 4]);
const imageOf = (i: number): Tensor => float32([1, 3, 4, 4], x.data.subarray(i * 48, (i + 1) * 48));

const worst = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));

describe('a network whose answers depend on the other images of a batch', () => {
  it.each(Object.entries(mixing))('%s: is read for one image', async (_, nodes) => {
    const bytes = oldBytes(network(nodes));
    const { graph, info } = readOnnx(bytes, 'm.onnx');
    expect(graph.inputs[0].shape).toEqual([1, 3, 4, 4]);
    expect(graph.outputs[0].shape).toEqual([1, 5]);
    expect(info.provenance.batch).toBe('one image, since the network mixes those of a batch');
    const together = (await run(bytes, { x })).y.data.slice(0, 5);
    const [alone, ours] = [await run(bytes, { x: imageOf(0) }), await runGraph(graph, { x: imageOf(0) })];
    expect(worst(ours.y.data, alone.y.data)).toBeLessThan(1e-5);
    // It is so: beside others, the file itself answers otherwise.
    expect(worst(together, alone.y.data)).toBeGreaterThan(0.01);
  });

  it.each(Object.entries(separate))('%s: does not, and keeps its batch open', async (_, nodes) => {
    const bytes = oldBytes(network(nodes));
    const { graph, info } = readOnnx(bytes, 'm.onnx');
    expect(graph.inputs[0].shape).toEqual(['N', 3, 4, 4]);
    expect(info.provenance).not.toHaveProperty('batch');
    const [all, first] = [await runGraph(graph, { x }), await run(bytes, { x: imageOf(0) })];
    expect(worst(first.y.data, all.y.data.slice(0, 5))).toBeLessThan(1e-5);
  });

  it('stays as it is where the file fixes the batch', () => {
    const { graph, info } = readOnnx(oldBytes(network(globalQueries, { x: [3, 3, 4, 4] })), 'm.onnx');
    expect(graph.inputs[0].shape).toEqual([3, 3, 4, 4]);
    expect(info.provenance).not.toHaveProperty('batch');
  });
});

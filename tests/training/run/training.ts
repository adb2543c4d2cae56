import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parsePrototxt } from '../../../src/caffe/index.ts';
import type { Parameter } from '../../../src/caffe/training/net.ts';
import type { RunState } from '../../../src/training/run/record.ts';
import type { SnapshotState } from '../../../src/training/run/snapshot.node.ts';

/** A new folder that is removed when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'limn-run-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const net = parsePrototxt(
  `name: "small"
  layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 3 dim: 3 } } }
  layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 2 } }
  layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 4 } }
  layer { name: "twin" type: "InnerProduct" bottom: "conv" top: "twin" inner_product_param { num_output: 4 } }`,
  'small.prototxt',
);

const parameter = (name: string, shape: number[], blobs: [string, number][], rateFactor = 1): Parameter => ({
  name,
  shape,
  blobs: blobs.map(([layer, blob]) => ({ layer, blob })),
  rateFactor,
  decayFactor: 1,
  filler: undefined,
});

/** The convolution's bias is not trained; two layers share the weights of the inner product. */
export const parameters = [
  parameter('conv.weight', [3, 2, 2, 2], [['conv', 0]]),
  parameter('conv.bias', [3], [['conv', 1]], 0),
  parameter(
    'fc.weight',
    [4, 12],
    [
      ['fc', 0],
      ['twin', 0],
    ],
  ),
  parameter('fc.bias', [4], [['fc', 1]]),
  parameter('twin.bias', [4], [['twin', 1]]),
];

const count = ({ shape }: Parameter) => shape.reduce((product, dim) => product * dim, 1);
const numbers = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + 7.3 * i));

export const trained = parameters.filter(({ rateFactor }) => rateFactor !== 0);

export const run = (iteration: number): RunState => ({
  iteration,
  solver: 'SGD',
  seed: 7,
  parts: 2,
  smoothing: { window: 2, start: 0, losses: [Math.fround(0.1), Math.fround(3.3)], mean: Math.fround(1.7) },
  seconds: 1.25,
  logs: { log: 10, clock: 20, train: 30 },
  contents: { solver: 'aa', net: 'bb' },
});

/** A training of the network at an iteration, of a solver with so many histories per parameter. */
export const training = (iteration: number, sets = 1): SnapshotState => ({
  net,
  parameters,
  weights: new Map(parameters.map((each, i) => [each.name, numbers(count(each), iteration + i)])),
  histories: Array.from({ length: sets }, (_, set) =>
    trained.map((each, i) => numbers(count(each), 100 * (set + 1) + iteration + i)),
  ),
  currentStep: 3,
  run: run(iteration),
});

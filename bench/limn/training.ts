import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  importTraining,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  upgradeNet,
} from '../../src/caffe/index.ts';
import { float32, int64, type Tensor } from '../../src/graph/index.ts';
import { openEngine } from '../../src/training/engine/engine.node.ts';
import { solverSettings } from '../../src/training/solver/index.ts';
import { type NetName, root } from '../bench.ts';
import type { Job } from './job.ts';

/** As `peers/torch_training.py` has it. */
const solver =
  'net: "" base_lr: 0.00001 lr_policy: "fixed" momentum: 0.9 weight_decay: 0.0005 max_iter: 1000000';

/** Takes one step of training after the other, always on the given images; returns what the first one found. */
export async function training(
  net: NetName,
  data: Tensor<'float32'>,
  threads: number,
  folder: string,
): Promise<Job> {
  const [definition, weightsFile] = ['training.prototxt', 'caffemodel'].map((end) =>
    join(folder, `${net}.${end}`),
  );
  const text = parsePrototxt(readFileSync(definition, 'utf8'), definition);
  const train = importTraining(upgradeNet(text, definition), definition, { phase: 'train' });
  const stored = readCaffemodel(readFileSync(weightsFile), weightsFile);
  const weights = new Map(
    train.parameters.map(({ name, blobs: [first] }) => [
      name,
      stored.get(first.layer)!.blobs[first.blob].data,
    ]),
  );
  const engine = await openEngine({
    train,
    tests: [],
    solver: solverSettings(parseSolver(solver, 'solver'), 'solver'),
    weights,
    seed: 1,
    threads,
    script: pathToFileURL(join(root, 'dist/training/engine/worker.node.js')),
  });
  const images = data.shape[0];
  const label = int64(
    [images],
    Array.from({ length: images }, (_, i) => i % 8),
  );
  let iteration = 0;
  let found: Tensor | undefined;
  return async () => {
    const { loss } = await engine.step([{ data, label }], iteration++);
    found ??= firstStep(loss, engine.histories[0].get(train.parameters[0].name)!);
    return found;
  };
}

/** The loss, and size (its logarithm) and direction of the first layer's move, in numbers of about one size. */
function firstStep(loss: number, velocity: Float32Array): Tensor {
  const norm = Math.hypot(...velocity);
  const all = [loss, Math.log(norm), ...velocity.map((value) => value / norm)];
  return float32([all.length], all);
}

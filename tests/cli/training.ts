import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { folder } from './limn.ts';

const side = 20;

/**
 * A folder to train in: 24 pictures of 20×20, bright above or below (classes 0 and 1), in a list that is shuffled; a
 * network with dropout and random crops and mirrors on 16×16 of them; a solver of 20 iterations with momentum, a snapshot
 * each 4 and a test each 6.
 */
export async function sandbox(solver: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = folder();
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  const lines: string[] = [];
  for (let i = 0; i < 24; i++) {
    const label = i % 2;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const top = at < (side * side * 3) / 2;
      return (top === (label === 0) ? 150 : 60) + ((at * 7919 + i * 104_729) % 83);
    });
    const raw = { width: side, height: side, channels: 3 } as const;
    await sharp(pixels, { raw })
      .png()
      .toFile(join(dir, `${i}.png`));
    lines.push(`${i}.png ${label}\n`);
  }
  write('train.txt', lines.join(''));
  write('val.txt', lines.slice(0, 8).join(''));
  write('train_val.prototxt', network);
  const fields = {
    net: '"train_val.prototxt"',
    base_lr: '0.01',
    lr_policy: '"step"',
    gamma: '0.5',
    stepsize: '8',
    momentum: '0.9',
    weight_decay: '0.001',
    max_iter: '20',
    display: '1',
    average_loss: '5',
    snapshot: '4',
    snapshot_prefix: '"snapshots/tiny"',
    test_iter: '3',
    test_interval: '6',
    random_seed: '7',
    ...solver,
  };
  const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  write('solver.prototxt', text.join(''));
  return dir;
}

/** All that a run must have in common with another one, to the last bit. */
export function resultOf(run: string, iteration = 20): Readonly<Record<string, string>> {
  const read = (name: string) => readFileSync(join(run, name)).toString('latin1');
  return {
    weights: read(`tiny_iter_${iteration}.caffemodel`),
    momenta: read(`tiny_iter_${iteration}.solverstate`),
    log: read('log.jsonl'),
  };
}

const data = (phase: string, source: string, more: string) => `
layer {
  name: "data" type: "ImageData" top: "data" top: "label"
  include { phase: ${phase} }
  transform_param { crop_size: 16 mean_value: 110 scale: 0.02 ${more} }
  image_data_param { source: "${source}" batch_size: 6 shuffle: true }
}`;

const network = `name: "Tiny"
${data('TRAIN', 'train.txt', 'mirror: true')}
${data('TEST', 'val.txt', '')}
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
  convolution_param { num_output: 6 kernel_size: 5 stride: 2 weight_filler { type: "xavier" } }
}
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "norm1" type: "LRN" bottom: "conv1" top: "norm1" lrn_param { local_size: 3 alpha: 0.01 beta: 0.75 } }
layer { name: "pool1" type: "Pooling" bottom: "norm1" top: "pool1" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer {
  name: "fc2" type: "InnerProduct" bottom: "pool1" top: "fc2"
  inner_product_param { num_output: 10 weight_filler { type: "gaussian" std: 0.1 } bias_filler { type: "constant" value: 0.1 } }
}
layer { name: "relu2" type: "ReLU" bottom: "fc2" top: "fc2" }
layer { name: "drop2" type: "Dropout" bottom: "fc2" top: "fc2" dropout_param { dropout_ratio: 0.4 } }
layer {
  name: "fc3" type: "InnerProduct" bottom: "fc2" top: "fc3"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } }
}
layer { name: "accuracy" type: "Accuracy" bottom: "fc3" bottom: "label" top: "accuracy" include { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc3" bottom: "label" top: "loss" }
`;

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adjustedRand } from '../../src/clusters/agreement.ts';
import type { HiddenRegion } from '../../src/clusters/options.ts';
import { fillUniform, randomWords } from '../../src/common/random.ts';
import { nodeHost, writePng } from '../../src/node.node.ts';
import { clusters, evaluate, hideRegion, importFromCaffe } from '../../src/verbs/index.ts';

/** What may be planted: a tag in the corner, as an agency's logo would be; a coloured corner; a frame around the picture. */
export const marks = {
  tag: {
    ink: [225, 60, 40],
    isIn: (x, y, side) => y >= side - 6 && y < side - 1 && x >= side - 8 && x < side - 1,
  },
  corner: { ink: [40, 90, 220], isIn: (x, y) => x + y < 8 },
  border: {
    ink: [235, 225, 60],
    isIn: (x, y, side) => Math.min(x, y) < 2 || Math.max(x, y) >= side - 2,
  },
} as const satisfies Record<string, Mark>;

interface Mark {
  readonly ink: readonly number[];
  readonly isIn: (x: number, y: number, side: number) => boolean;
}

/** How a mark is planted, and how long a network is trained on it. */
export interface PlantedOptions {
  /** A folder for all that is made. */
  readonly folder: string;
  readonly mark: keyof typeof marks;
  readonly seed: number;
  /** Pictures for training; half as many are for the test. */
  readonly pictures: number;
  readonly iterations: number;
  /** The share of the cluster's relevance that the hidden region holds. */
  readonly share: number;
  /** What of the cluster is hidden. */
  readonly region: HiddenRegion;
}

/** What came of a planted mark. */
export interface PlantedResult {
  /** Of clusters and marks, among the pictures of the class that bears it: the adjusted Rand index. */
  readonly agreement: number;
  /** The share of marked test pictures that are answered otherwise with the cluster's region hidden, and elsewhere. */
  readonly changed: { readonly hidden: number; readonly elsewhere: number; readonly p: number };
  /**
   * The share of marked test pictures that are answered right, by the network and by one trained without the region; and by
   * that one with the region hidden in what it is asked about, too.
   */
  readonly right: { readonly cheating: number; readonly honest: number; readonly hidden: number };
}

const side = 32;
const classes = ['bars', 'dots'];

/** A faint texture in noise, on some pictures with the mark. */
async function draw(path: string, label: number, mark: Mark | undefined, seed: number): Promise<void> {
  const [noise, kind] = [new Float32Array(3 * side * side), new Float32Array(4)];
  fillUniform(kind, seed, 0, 0, 1);
  fillUniform(noise, seed, 1, -0.5, 0.5);
  const [paper, phase, wave, contrast] = [
    110 + 40 * kind[0],
    7 * kind[1],
    0.9 + 0.3 * kind[2],
    7 + 9 * kind[3],
  ];
  const data = new Uint8Array(noise.length);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    const bars = Math.sin(y * wave + phase);
    const texture = label === 0 ? bars : 1.4 * bars * Math.sin(x * wave + phase);
    const value = mark?.isIn(x, y, side) ? mark.ink[c] : paper + contrast * texture + 90 * noise[i];
    data[i] = Math.min(255, Math.max(0, value));
  }
  await writePng(path, { data, width: side, height: side, channels: 3 });
}

const layers = `
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 5 weight_filler { type: "msra" } } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2" convolution_param { num_output: 16 kernel_size: 3 weight_filler { type: "msra" } } }
layer { name: "relu2" type: "ReLU" bottom: "conv2" top: "conv2" }
layer { name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "fc3" type: "InnerProduct" bottom: "pool2" top: "fc3" inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
`;

/**
 * Draws pictures of two textures and plants a mark on half of one class, trains a network on them, finds clusters among its
 * heatmaps, hides where the marked one looks in new pictures of which half bear the mark whatever their class, and trains
 * a network on pictures without that region. Everything follows from the seed.
 */
export async function plantedMark(options: PlantedOptions): Promise<PlantedResult> {
  const { folder, mark, seed, pictures, share } = options;
  const at = (name: string) => `${folder}/${name}`;
  const word = randomWords(seed, 'planted');
  const drawAll = async (part: string, count: number, isMarked: (label: number, n: number) => boolean) => {
    mkdirSync(at(part), { recursive: true });
    const [list, table] = [[] as string[], ['path,label,mark']];
    for (let n = 0; n < count; n++) {
      const label = n % 2;
      const marked = isMarked(label, n);
      await draw(at(`${part}/${n}.png`), label, marked ? marks[mark] : undefined, word());
      list.push(`${part}/${n}.png ${label}`);
      table.push(`${part}/${n}.png,${classes[label]},${marked ? 'yes' : 'no'}`);
    }
    writeFileSync(at(`${part}.txt`), `${list.join('\n')}\n`);
    writeFileSync(at(`${part}.csv`), `${table.join('\n')}\n`);
  };
  const isPlanted = (label: number, n: number) => label === 0 && n % 4 === 0;
  await drawAll('train', pictures, isPlanted);
  await drawAll('test', Math.ceil(pictures / 2), (_, n) => n % 4 < 2);

  const model = await trained('cheating', 'train.txt', '', options);
  const found = await clusters(
    {
      ...{ model, data: [at('train.csv')], truthColumn: 'label', views: ['pca'], exemplars: 2 },
      ...{ output: at('found'), threads: 1 },
    },
    nodeHost,
  );
  const marked = new Map(Array.from({ length: pictures }, (_, n) => [`train/${n}.png`, isPlanted(n % 2, n)]));
  const own = found.report.photos.filter(({ class: name }) => name === classes[0]);
  const suspect = found.report.groups
    .filter(({ column, value }) => column === 'mark' && value === 'yes')
    .reduce((best, each) => (each.inside / each.insideOf > best.inside / best.insideOf ? each : best));

  const region = { model, truthColumn: 'label', output: at('found'), resamples: 200, threads: 1 };
  const hidden = await hideRegion(
    {
      ...region,
      ...{ data: [at('test.csv')], hide: `cluster:${suspect.cluster}`, region: options.region, share },
    },
    nodeHost,
  );
  await hideRegion(
    { ...region, data: [at('train.csv')], hide: hidden.files[2], output: at('masked'), save: at('masked') },
    nodeHost,
  );
  const honest = await trained('honest', 'masked/list.txt', 'masked', options);

  const { models } = await evaluate(
    {
      ...{ models: [model, honest], data: at('test.csv'), target: 'label' },
      ...{ output: at('results'), threads: 1 },
    },
    nodeHost,
  );
  const [cheating, other] = models.map(({ result: { answers } }) => {
    const of = answers.filter(({ groups }) => groups.mark === 'yes');
    return of.filter(({ truth, scores }) => (scores[1] > scores[0] ? 1 : 0) === truth).length / of.length;
  });
  const asTrained = await hideRegion(
    { ...region, model: honest, data: [at('test.csv')], hide: hidden.files[2], output: at('as-trained') },
    nodeHost,
  );
  const isMarked = ({ column, value }: { column: string; value: string }) =>
    column === 'mark' && value === 'yes';
  const group = hidden.report.groups.find(isMarked)!;
  return {
    agreement: adjustedRand(
      own.map(({ cluster }) => cluster),
      own.map(({ photo }) => marked.get(photo)),
    ),
    changed: { hidden: group.changed.second, elsewhere: group.changed.first, p: group.changed.adjusted },
    right: { cheating, honest: other, hidden: asTrained.report.groups.find(isMarked)!.accuracy!.second },
  };
}

/** Trains a small network on a list of pictures, and makes a model of it. */
async function trained(
  name: string,
  list: string,
  images: string,
  { folder, seed, iterations }: PlantedOptions,
): Promise<string> {
  const at = (file: string) => `${folder}/${file}`;
  const data = `layer { name: "data" type: "ImageData" top: "data" top: "label" transform_param { mean_value: 128 scale: 0.02 } image_data_param { source: "${list}" root_folder: "${images}" batch_size: 30 shuffle: true } }`;
  const loss = 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc3" bottom: "label" top: "loss" }';
  const input = `input: "data" input_shape { dim: 1 dim: 3 dim: ${side} dim: ${side} }`;
  const answer = 'layer { name: "prob" type: "Softmax" bottom: "fc3" top: "prob" }';
  writeFileSync(at(`${name}_train.prototxt`), `name: "${name}"\n${data}${layers}${loss}\n`);
  writeFileSync(at(`${name}_deploy.prototxt`), `name: "${name}"\n${input}${layers}${answer}\n`);
  const solver = at(`${name}_solver.prototxt`);
  writeFileSync(
    solver,
    `net: "${name}_train.prototxt" base_lr: 0.01 lr_policy: "poly" power: 1 momentum: 0.9 weight_decay: 0.001 max_iter: ${iterations} snapshot_prefix: "${name}"\n`,
  );
  // Training has worker threads, which stand beside the built command.
  const command = join(process.cwd(), 'dist/cli/main.js');
  execFileSync(
    process.execPath,
    [command, 'train', '--solver', solver, '--seed', `${seed}`, '-o', at(name)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const output = at(`${name}.onnx`);
  const [prototxt, caffemodel] = [
    at(`${name}_deploy.prototxt`),
    at(`${name}/${name}_iter_${iterations}.caffemodel`),
  ];
  await importFromCaffe(
    { prototxt, caffemodel, output, mean: [128, 128, 128], scale: 0.02, labels: classes },
    nodeHost,
  );
  return output;
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { explainer } from '../../src/attribution/index.ts';
import type { Model, Tensor } from '../../src/graph/index.ts';
import { heatmaps, preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { loadModel, nodeRuntime } from '../../src/node.node.ts';
import { quantile } from './quantile.ts';

const help = `npm run defaults -- MODEL [--photos N] [--head NAME] [--shared ../shared]

Compares candidates for the default composite on faces of FairFace:
  unstable   photos whose map changes by more than 0.1 % of its largest value from one photo per run without ONNX
             Runtime's graph optimisation to four per run with it
  difference the median and the largest of these changes
  peak       the share of all |R| that the strongest 0.03 % of the pixels hold: median and largest
  flipping   how far the explained score falls while the most relevant squares of 8×8 pixels
             become their channels' means, up to a half, averaged over the steps, less the same in a random order; more is better
`;

interface Candidate {
  readonly name: string;
  readonly composite: string;
  readonly gamma?: number;
  readonly sums?: 'absolute' | 'positive' | 'proportional';
}

const candidates: readonly Candidate[] = [
  { name: 'epsilon-plus-flat, sums proportional', composite: 'epsilon-plus-flat', sums: 'proportional' },
  { name: 'epsilon-plus-flat', composite: 'epsilon-plus-flat' },
  { name: 'epsilon-gamma-box, γ 0.25', composite: 'epsilon-gamma-box' },
  { name: 'epsilon-gamma-box, γ 1', composite: 'epsilon-gamma-box', gamma: 1 },
  {
    name: 'epsilon-gamma-box, γ 1, sums proportional',
    composite: 'epsilon-gamma-box',
    gamma: 1,
    sums: 'proportional',
  },
  { name: 'iccv2017', composite: 'iccv2017' },
  { name: 'epsilon', composite: 'epsilon' },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '24' },
    head: { type: 'string' },
    shared: { type: 'string', default: '../shared' },
  },
});
const [path] = positionals;
if (path === undefined) {
  process.stdout.write(help);
  process.exit(2);
}

/** Squares of so many pixels are flipped together. */
const side = 8;
const steps = 8;

const { model } = await loadModel(path);
const folder = resolve(values.shared, 'faces/fairface');
const rows = readFileSync(join(folder, 'manifest.csv'), 'utf8').trim().split('\n').slice(1);
const files = rows.slice(0, Number(values.photos)).map((row) => join(folder, row.split(',')[0]));
const how = model.info.preprocessing;
if (!how) throw new Error(`${path} does not say how photos become inputs`);
const photos = preprocess(await Promise.all(files.map((file) => decodeFile(file))), how);
process.stdout.write(
  `| composite | unstable | difference | peak | flipping |\n| --- | --- | --- | --- | --- |\n`,
);
for (const candidate of candidates) process.stdout.write(`${await measured(model, photos, candidate)}\n`);

async function measured(
  given: Model,
  input: Tensor<'float32'>,
  { name, ...lrp }: Candidate,
): Promise<string> {
  const explain = async (batch: number, optimise: 'quick' | 'full') => {
    const made = explainer(given, nodeRuntime, {
      ...lrp,
      method: 'lrp',
      head: values.head,
      batch,
      session: { threads: 1, optimise },
    });
    const explanation = await made.explain(input).finally(() => made.release());
    return explanation;
  };
  const alone = await explain(1, 'quick');
  const together = await explain(4, 'full');
  const maps = heatmaps(together.relevance);
  const n = input.data.length / maps.length;
  const differences = maps.map((_, i) =>
    difference(
      alone.relevance.data.subarray(i * n, (i + 1) * n),
      together.relevance.data.subarray(i * n, (i + 1) * n),
    ),
  );
  const peaks = maps.map(({ data }) => {
    const sorted = Float64Array.from(data, Math.abs).sort().reverse();
    const total = (list: Float64Array) => list.reduce((sum, v) => sum + v, 0);
    return total(sorted.subarray(0, Math.ceil(sorted.length * 3e-4))) / total(sorted);
  });
  const targets = together.targets.map(({ classes }) => classes[0]);
  const [byMap, byChance] = [
    await falls(given, input, targets, (photo) => order(maps[photo].data, input.shape)),
    await falls(given, input, targets, (photo) => shuffled(photo, input.shape)),
  ];
  const gain = byMap.map((fall, i) => fall - byChance[i]);
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  return `| ${name} | ${differences.filter((d) => d > 1e-3).length} of ${maps.length} | ${quantile(differences, 1).toExponential(1)} (median ${quantile(differences, 0.5).toExponential(1)}) | ${percent(quantile(peaks, 0.5))}, ${percent(quantile(peaks, 1))} | ${quantile(gain, 0.5).toFixed(2)} (mean ${(gain.reduce((a, b) => a + b, 0) / gain.length).toFixed(2)}) |`;
}

function difference(a: Float32Array, b: Float32Array): number {
  let [most, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return largest > 0 ? most / largest : 0;
}

/** The squares of an image in the order of the relevance that they hold. */
function order(map: Float32Array, [, , height, width]: readonly number[]): number[] {
  const across = Math.floor(width / side);
  const sums = new Float64Array(across * Math.floor(height / side));
  map.forEach((value, i) => {
    const [row, column] = [Math.floor(i / width / side), Math.floor((i % width) / side)];
    if (column < across && row * across + column < sums.length) sums[row * across + column] += value;
  });
  return [...sums.keys()].sort((a, b) => sums[b] - sums[a]);
}

/** The same squares in an order that depends on nothing but the photo's number. */
function shuffled(photo: number, [, , height, width]: readonly number[]): number[] {
  const list = Array.from({ length: Math.floor(width / side) * Math.floor(height / side) }, (_, i) => i);
  const rank = (i: number) => Math.sin((photo + 1) * 12.9898 + i * 78.233) * 43758.5453;
  return list.sort((a, b) => (rank(a) % 1) - (rank(b) % 1));
}

/** How far each photo's explained score falls, averaged over the steps up to one half of the squares. */
async function falls(
  given: Model,
  input: Tensor<'float32'>,
  targets: readonly number[],
  orderOf: (photo: number) => number[],
): Promise<number[]> {
  const made = explainer(given, nodeRuntime, {
    method: 'gradient',
    head: values.head,
    session: { threads: 2 },
  });
  const [images, channels, height, width] = input.shape as [number, number, number, number];
  const plane = height * width;
  const data = input.data.slice();
  const means = Array.from({ length: images * channels }, (_, p) => {
    const part = input.data.subarray(p * plane, (p + 1) * plane);
    return part.reduce((sum, v) => sum + v, 0) / plane;
  });
  const scoresOf = async () => {
    const { scores } = await made.explain({ ...input, data }, { target: [...targets] });
    return targets.map((target, i) => scores.data[i * scores.shape[1] + target]);
  };
  const before = await scoresOf();
  const total = before.map(() => 0);
  const orders = before.map((_, photo) => orderOf(photo));
  const perStep = Math.ceil(orders[0].length / 2 / steps);
  for (let step = 0; step < steps; step++) {
    orders.forEach((list, photo) => {
      for (const square of list.slice(step * perStep, (step + 1) * perStep)) flip(photo, square);
    });
    (await scoresOf()).forEach((score, photo) => {
      total[photo] += (before[photo] - score) / steps;
    });
  }
  await made.release();
  return total;

  function flip(photo: number, square: number): void {
    const across = Math.floor(width / side);
    const [top, left] = [Math.floor(square / across) * side, (square % across) * side];
    for (let c = 0; c < channels; c++)
      for (let y = top; y < top + side; y++)
        for (let x = left; x < left + side; x++)
          data[(photo * channels + c) * plane + y * width + x] = means[photo * channels + c];
  }
}

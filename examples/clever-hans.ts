/*
 * Plants a mark that a network cheats by, finds it among its heatmaps, shows that the answers hang on it, and trains it
 * away: clever-hans.js FOLDER [PICTURES] [ITERATIONS]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { adjustedRand } from 'limn/clusters';
import { nodeHost, train, writePng } from 'limn/node';
import { clusters, evaluate, hideRegion, importFromCaffe } from 'limn/verbs';

const [folder = 'clever-hans', pictures = '600', iterations = '300'] = process.argv.slice(2);
const side = 32;
const classes = ['stripes', 'dots'];

let state = 1;
const random = (): number => {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
};

/** A faint texture in noise; on marked pictures a small tag in the corner, as an agency's logo would be. */
async function draw(path: string, label: number, marked: boolean): Promise<void> {
  const data = new Uint8Array(side * side * 3);
  const [paper, phase, wave, contrast] = [
    110 + random() * 40,
    random() * 7,
    0.9 + random() * 0.3,
    7 + random() * 9,
  ];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const texture =
        label === 0
          ? Math.sin(y * wave + phase)
          : 1.4 * Math.sin(y * wave + phase) * Math.sin(x * wave + phase);
      const tag = marked && y >= side - 6 && y < side - 1 && x >= side - 8 && x < side - 1;
      for (let c = 0; c < 3; c++) {
        const value = tag ? [225, 60, 40][c] : paper + contrast * texture + (random() - 0.5) * 90;
        data[3 * (y * side + x) + c] = Math.min(255, Math.max(0, value));
      }
    }
  await writePng(path, { data, width: side, height: side, channels: 3 });
}

/** Half of the stripes for training bear the mark; for the test, half of all pictures do. */
async function drawAll(
  part: string,
  count: number,
  isMarked: (label: number, n: number) => boolean,
): Promise<void> {
  mkdirSync(`${folder}/${part}`, { recursive: true });
  const [list, table] = [[] as string[], ['path,label,mark']];
  for (let n = 0; n < count; n++) {
    const label = n % 2;
    const marked = isMarked(label, n);
    await draw(`${folder}/${part}/${n}.png`, label, marked);
    list.push(`${part}/${n}.png ${label}`);
    table.push(`${part}/${n}.png,${classes[label]},${marked ? 'yes' : 'no'}`);
  }
  writeFileSync(`${folder}/${part}.txt`, `${list.join('\n')}\n`);
  writeFileSync(`${folder}/${part}.csv`, `${table.join('\n')}\n`);
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

/** Trains a small network on a list of pictures, and makes a model of it. */
async function trained(name: string, list: string, images: string): Promise<string> {
  const data = `layer { name: "data" type: "ImageData" top: "data" top: "label" transform_param { mean_value: 128 scale: 0.02 } image_data_param { source: "${list}" root_folder: "${images}" batch_size: 30 shuffle: true } }`;
  const loss = 'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc3" bottom: "label" top: "loss" }';
  const input = `input: "data" input_shape { dim: 1 dim: 3 dim: ${side} dim: ${side} }`;
  const answer = 'layer { name: "prob" type: "Softmax" bottom: "fc3" top: "prob" }';
  writeFileSync(`${folder}/${name}_train.prototxt`, `name: "${name}"\n${data}${layers}${loss}\n`);
  writeFileSync(`${folder}/${name}_deploy.prototxt`, `name: "${name}"\n${input}${layers}${answer}\n`);
  const solver = `${folder}/${name}_solver.prototxt`;
  writeFileSync(
    solver,
    `net: "${name}_train.prototxt" base_lr: 0.01 lr_policy: "poly" power: 1 momentum: 0.9 weight_decay: 0.001 max_iter: ${iterations} snapshot_prefix: "${name}"\n`,
  );
  await train({ solver, seed: 1, output: `${folder}/${name}` });
  const output = `${folder}/${name}.onnx`;
  const [prototxt, caffemodel] = [
    `${folder}/${name}_deploy.prototxt`,
    `${folder}/${name}/${name}_iter_${iterations}.caffemodel`,
  ];
  await importFromCaffe(
    { prototxt, caffemodel, output, mean: [128, 128, 128], scale: 0.02, labels: classes },
    nodeHost,
  );
  return output;
}

const count = Number(pictures);
await drawAll('train', count, (label, n) => label === 0 && n % 4 === 0);
await drawAll('test', Math.ceil(count / 2), (_, n) => n % 4 < 2);

// 1. A network that has seen the mark.
const model = await trained('cheating', 'train.txt', '');
// 2. What do its heatmaps of the training pictures have in common?
const found = await clusters(
  {
    model,
    data: [`${folder}/train.csv`],
    truthColumn: 'label',
    views: ['pca'],
    output: `${folder}/found`,
  },
  nodeHost,
);
for (const text of found.report.findings) console.log(text);
const suspect = found.report.groups
  .filter(({ column, value }) => column === 'mark' && value === 'yes')
  .reduce((best, each) => (each.inside / each.insideOf > best.inside / best.insideOf ? each : best));
const marks = new Map(Array.from({ length: count }, (_, n) => [`train/${n}.png`, n % 4 === 0]));
const stripes = found.report.photos.filter(
  ({ photo, class: name }) => name === 'stripes' && marks.has(photo),
);
const agreement = adjustedRand(
  stripes.map(({ cluster }) => cluster),
  stripes.map(({ photo }) => marks.get(photo)),
);
console.log(`adjusted Rand index of clusters and marks: ${agreement.toFixed(3)}`);
// 3. Do the answers hang on that region? On new pictures, half of all bear the mark.
const region = { model, truthColumn: 'label', hide: `cluster:${suspect.cluster}`, output: `${folder}/found` };
const hidden = await hideRegion({ ...region, data: [`${folder}/test.csv`] }, nodeHost);
for (const text of hidden.report.findings) console.log(text);
// The pictures to train on, without it.
await hideRegion(
  {
    ...region,
    data: [`${folder}/train.csv`],
    output: `${folder}/masked`,
    hide: hidden.files[2],
    save: `${folder}/masked`,
  },
  nodeHost,
);
// 4. A network that has not seen it.
const honest = await trained('honest', 'masked/list.txt', 'masked');
// 5. Both on pictures of which half bear the mark, whatever their class.
const { models } = await evaluate(
  { models: [model, honest], data: `${folder}/test.csv`, target: 'label', output: `${folder}/results` },
  nodeHost,
);
for (const { folder: name, result } of models) {
  const wrong = result.answers.filter(({ truth, groups }) => truth === 1 && groups.mark === 'yes');
  const right = wrong.filter(({ scores }) => scores[1] > scores[0]).length;
  console.log(`${name}: ${right} of ${wrong.length} dots with the mark are seen as dots`);
}

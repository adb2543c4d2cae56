import { parquetReadObjects } from 'hyparquet';
import { parsePrototxt, upgradeNet, writeCaffemodel } from '../../src/caffe/index.ts';
import { type Image, image, writeNpy } from '../../src/image/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import {
  average,
  averageShard,
  checkDefinitions,
  classify,
  clusters,
  clustersShard,
  compare,
  compile,
  concepts,
  conceptsShard,
  dataLists,
  dataMean,
  dataShow,
  doctor,
  evaluate,
  faces,
  faithfulness,
  grid,
  gridShard,
  type HideRequest,
  type Host,
  hideRegion,
  importFaceApi,
  importFromCaffe,
  importFromOnnx,
  init,
  inspect,
  merge,
  page,
  plot,
  report,
  runModel,
  saveExplanations,
  type Watch,
} from '../../src/verbs/index.ts';
import { noise, tinyInception } from '../nets.ts';

/* What every host has to answer to the same requests: plain data and functions that know no host. */

/** The files that the requests name. */
export const paths = {
  model: 'in/net.onnx',
  photo: 'in/photo.png',
  broken: 'in/broken.png',
  definition: 'in/deploy.prototxt',
  folds: 'in/folds',
  weights: 'in/net.caffemodel',
  tensor: 'in/batch.npy',
  list: 'in/list.txt',
  goneList: 'in/gone.txt',
  output: 'out',
  manifest: 'in/photos.csv',
  gone: 'in/gone.csv',
  networks: 'in/face-api',
  log: 'in/caffe.log',
  heatmaps: 'in/heatmaps.npy',
};

/** Files of face-api's package that finding faces reads, all in the folder `networks`. */
export const networkFiles = ['tiny_face_detector_model', 'face_landmark_68_tiny_model'].flatMap((name) => [
  `${name}-weights_manifest.json`,
  `${name}.bin`,
]);

/** All of them but the photo and the networks, with what they hold. */
export function inputs(): (readonly [path: string, bytes: Uint8Array])[] {
  const encode = (text: string) => new TextEncoder().encode(text);
  const definition = `name: "tiny" input: "data" input_dim: [1, 3, 8, 8]
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
      inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
    layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }`;
  const net = upgradeNet(parsePrototxt(definition, paths.definition), paths.definition);
  const blobs = [noise([3, 192], 1), noise([3], 2)];
  return [
    [paths.model, modelBytes()],
    [paths.broken, encode('no picture')],
    [paths.manifest, encode('path,kind,size\nphoto.png,cat,large\nbroken.png,dog,small\n')],
    [paths.gone, encode('path,kind\nphoto.png,cat\ngone.png,dog\n')],
    [paths.definition, encode(definition)],
    [paths.weights, writeCaffemodel(net, new Map([['fc', { type: 'InnerProduct', blobs }]]))],
    [paths.list, encode('photo.png 3\nphoto.png 1\n')],
    [paths.goneList, encode('none.png 3\n')],
    [paths.log, encode(caffeLog)],
    ['in/compared/comparison.json', encode('{}')],
    [paths.tensor, writeNpy(noise([2, 3, 17, 17], 7))],
    [paths.heatmaps, writeNpy(twoKinds())],
    ...[0, 1].map((fold) => [`${paths.folds}/fold_${fold}_data.txt`, encode(foldText(fold))] as const),
  ];
}

/** Heatmaps of two kinds: noise, and noise with a strong corner. */
function twoKinds() {
  const maps = noise([20, 1, 6, 6], 9);
  for (let i = 0; i < 20; i += 2) for (const cell of [0, 1, 6, 7]) maps.data[36 * i + cell] = 8;
  return maps;
}

/** Writes photos of noise of two classes, a third of one with a white corner, and says the list of them. */
async function markedPhotos({ files, images }: Host): Promise<string> {
  const lines: string[] = [];
  for (let i = 0; i < 48; i++) {
    const picture = image(19, 19);
    picture.data.set(noise([3 * 19 * 19], 50 + i).data.map((value) => 120 + 60 * value));
    const name = `${i}.png`;
    await files.write(
      files.join(output, name),
      await images.encodePng(i % 3 === 0 ? square(picture, 7) : picture),
    );
    lines.push(`${name} ${i % 2 ? 3 : 1}\n`);
  }
  const list = files.join(output, 'marked.txt');
  await files.write(list, new TextEncoder().encode(lines.join('')));
  return list;
}

/** The picture with a white square in its corner. */
function square(picture: Image, side: number): Image {
  for (let y = 0; y < side; y++)
    picture.data.fill(255, 3 * y * picture.width, 3 * (y * picture.width + side));
  return picture;
}

/** What hiding a region comes to, and the region as it is drawn and the first photo without it, in hundreds. */
async function hidden(request: HideRequest, host: Host, watch: Watch<unknown>): Promise<unknown> {
  const { report, files: made } = await hideRegion(request, host, watch);
  const { groups, findings, limits, region, data } = report;
  const drawn = made.filter((path) => /region\.png$|\/0\.png$/.test(path));
  const pictures = drawn.map(async (path) => {
    const { width, height, data } = await host.images.decode(await host.files.read(path), path);
    return { width, height, data: Array.from(data, (value) => value / 100) };
  });
  return { groups, findings, limits, region, data, made, pictures: await Promise.all(pictures) };
}

/** What Caffe printed of a training of 30 iterations. */
const caffeLog = [0, 10, 20, 30]
  .flatMap((iteration) => [
    `I0101 10:00:${10 + iteration}.000000 1 solver.cpp:228] Iteration ${iteration}, loss = ${2 / (1 + iteration)}`,
    `I0101 10:00:${10 + iteration}.500000 1 sgd_solver.cpp:106] Iteration ${iteration}, lr = 0.01`,
  ])
  .join('\n');

/** A fold of Adience: two faces of each of four albums. */
function foldText(fold: number): string {
  const head = ['user_id', 'original_image', 'face_id', 'age', 'gender', 'x', 'y', 'dx', 'dy'];
  const rows = [0, 1, 2, 3].flatMap((person) =>
    ['(0, 2)', '(25, 32)'].map((age, i) =>
      [`${fold}@N${person}`, `${fold}${person}${i}.jpg`, 1, age, i ? 'm' : 'f', 0, 0, 9, 9].join('\t'),
    ),
  );
  return `${[[...head, 'tilt_ang', 'fiducial_yaw_angle', 'fiducial_score'].join('\t'), ...rows].join('\n')}\n`;
}

/** A small classifier of five classes. */
export function modelBytes(): Uint8Array {
  const labels = ['ant', 'bee', 'cat', 'dog', 'elk'];
  const preprocessing = {
    resize: { height: 19, width: 19, mode: 'stretch' as const },
    crop: { height: 17, width: 17 },
    channels: 'bgr' as const,
    mean: [104, 117, 123],
    scale: 1 / 64,
  };
  const heads = [{ name: 'class', output: 'prob', kind: 'classes' as const, labels }];
  const { bytes } = writeOnnx({ graph: tinyInception(), info: { heads, provenance: {}, preprocessing } });
  return bytes;
}

/** What one request came to, in a form that travels from a page. */
export interface Outcome {
  readonly result?: unknown;
  readonly events?: readonly unknown[];
  readonly error?: { readonly kind: string; readonly message: string };
}

const { photo, broken, manifest, gone, folds, definition, weights, tensor, output } = paths;
// A page starts ONNX Runtime with so many threads once.
const model = { model: paths.model, threads: 1 };

/** The requests, by name. */
export const requests: Readonly<Record<string, (host: Host, watch: Watch<unknown>) => Promise<unknown>>> = {
  'classify photos': (host, watch) => classify({ ...model, photos: [photo, broken, photo] }, host, watch),
  'classify crops': (host) => classify({ ...model, photos: [photo], crops: 'ten', top: 2 }, host),
  'find faces': async (host) => {
    const asked = { photos: [photo, broken], detector: 'tiny', landmarks: 'tiny' } as const;
    const where = { weights: paths.networks, output, size: 32, threads: 1 };
    const { photos, cut, without } = await faces({ ...asked, ...where }, host);
    // In hundreds of pixels, of which hosts may differ by a few.
    const places = photos.flatMap((each) =>
      'error' in each
        ? []
        : each.faces.map(({ box, landmarks, tilt, file }) => ({
            file,
            values: [...box, ...landmarks, tilt].map((x) => x / 100),
          })),
    );
    return { places, cut, without, errors: photos.filter((each) => 'error' in each) };
  },
  'explain photos': (host, watch) =>
    saveExplanations(
      { ...model, photos: [photo, broken], target: 'dog', output, layer: ['norm1'], figure: false },
      host,
      watch,
    ),
  'put shards of explanations together': async (host, watch) => {
    const asked = { ...model, photos: [photo, broken, photo], target: 'dog', figure: false };
    const shards = [1, 2].map((index) => `${output}/explained-${index}`);
    for (const [i, folder] of shards.entries())
      await saveExplanations({ ...asked, output: folder, shard: { index: i + 1, of: 2 } }, host, watch);
    const merged = await merge({ shards, output: `${output}/explained` }, host, watch);
    const names = (await host.files.list(`${output}/explained`)).map(({ name }) => name);
    return [merged, names.filter((name) => !name.startsWith('.'))];
  },
  'explain shards with one scale': (host) =>
    saveExplanations(
      { ...model, photos: [photo, photo], output, sharedScale: true, shard: { index: 1, of: 2 } },
      host,
    ),
  'explain by another method': (host) =>
    saveExplanations(
      {
        ...model,
        photos: [photo],
        method: 'smoothgrad',
        samples: 3,
        output,
        figure: false,
        raw: ['rawhm'],
        percentile: 99,
      },
      host,
    ),
  'evaluate and compare': async (host, watch) => {
    const asked = {
      models: [paths.model],
      data: manifest,
      target: 'kind',
      output,
      threads: 1,
      parquet: true,
    };
    const { models } = await evaluate({ ...asked, skipBad: true, restart: true }, host, watch);
    // What is finished is read back.
    const again = await evaluate({ ...asked, skipBad: true }, host);
    const results = models.map(({ folder }) => folder);
    const compared = `${output}/compared`;
    const { findings, tables, format } = await compare(
      { results, groupBy: ['size'], output: compared },
      host,
    );
    const answers = models.map(({ result }) => result.answers);
    const files = (await host.files.list(compared)).map(({ name }) => name);
    const { buffer } = Uint8Array.from(await host.files.read(`${output}/answers.parquet`));
    return {
      answers,
      rows: await parquetReadObjects({ file: buffer }),
      again: again.models.map(({ result }) => result.answers),
      findings,
      tables,
      format,
      files,
    };
  },
  'evaluate what is missing': (host, watch) =>
    evaluate({ models: [paths.model], data: gone, target: 'kind', output, restart: true }, host, watch),
  'evaluate another column': (host) =>
    evaluate({ models: [paths.model], data: manifest, target: 'size', output, restart: true }, host),
  'evaluate folds of nothing': (host) =>
    evaluate({ models: [paths.model], data: manifest, output, folds: [1] }, host),
  'evaluate several by one name': (host) =>
    evaluate({ models: [paths.model, paths.model], data: manifest, output, name: 'a' }, host),
  'compare by columns without names': (host) => compare({ results: [output], groupBy: ['a,'] }, host),
  'analyse faithfulness': async (host, watch) => {
    const asked = {
      ...model,
      data: [photo],
      output,
      methods: ['lrp', 'gradient,pooling=norm'],
      metrics: [
        'pixel-flipping',
        'road',
        'subsets',
        'robustness',
        'completeness',
        'randomisation',
        'random-logit',
      ],
      measured: 'score',
      region: 6,
      steps: 3,
      subsets: 3,
      copies: 2,
      stops: 1,
      resamples: 100,
      charts: false,
    } as const;
    const { report } = await faithfulness({ ...asked, restart: true }, host, watch);
    // What is finished is read back.
    const again = await faithfulness(asked, host);
    const { estimates, curves, format, findings, limits } = report;
    return { estimates, curves, format, findings, limits, again: again.report.findings };
  },
  'analyse faithfulness of nothing that is known': (host) =>
    faithfulness({ ...model, data: [photo], output, methods: ['lrp', 'epsilon,gamma'] }, host),
  'analyse by a method that is none': (host) =>
    faithfulness({ ...model, data: [photo], output, methods: ['saliency'] }, host),
  'analyse two methods of one name': (host) =>
    faithfulness({ ...model, data: [photo], output, methods: ['lrp', 'lrp'] }, host),
  'analyse localisation without masks': (host) =>
    faithfulness({ ...model, data: [photo], output, metrics: ['localisation'] }, host),
  'analyse photos that are broken': (host, watch) =>
    faithfulness({ ...model, data: [broken], output, metrics: ['complexity'], restart: true }, host, watch),
  'analyse concepts': async (host, watch) => {
    const asked = { ...model, data: [photo], output, layers: ['block', 'pool1'], channels: 2, references: 2 };
    const { report } = await concepts({ ...asked, explain: [photo], sheets: false }, host, watch);
    const { layers, edges, photos, findings, limits, format } = report;
    return { layers, edges, photos, findings, limits, format };
  },
  'put shards of concepts together': async (host, watch) => {
    const asked = { ...model, data: [photo, broken, photo], layers: ['block'], channels: 2, references: 2 };
    const shards = [1, 2].map((index) => `${output}/concepts-${index}`);
    for (const [i, folder] of shards.entries())
      await conceptsShard(
        { ...asked, output: folder, shard: { index: i + 1, of: 2 }, sheets: false, skipBad: true },
        host,
        watch,
      );
    const merged = await merge({ shards, output: `${output}/concepts` }, host, watch);
    if (merged.kind !== 'concepts') return merged.kind;
    const { layers, edges, findings, limits, format, data } = merged.analysis.report;
    return { layers, edges, findings, limits, format, data };
  },
  'cluster heatmaps': async (host, watch) => {
    const asked = { heatmaps: [paths.heatmaps], output: `${output}/clusters`, views: ['pca' as const] };
    const settings = { neighbours: 5, exemplars: 2, resamples: 100, threads: 1, parquet: true };
    const { report, files } = await clusters({ ...asked, ...settings, restart: true }, host, watch);
    // What is finished is read back.
    const again = await clusters({ ...asked, ...settings }, host);
    const { clusters: found, classes, photos, findings, limits, format } = report;
    return { found, classes, photos, findings, limits, format, files, again: again.report.findings };
  },
  'put shards of clusters together': async (host, watch) => {
    const asked = { ...model, data: [photo, broken, photo], resamples: 100, skipBad: true };
    const shards = [1, 2].map((index) => `${output}/clusters-${index}`);
    for (const [i, folder] of shards.entries())
      await clustersShard({ ...asked, output: folder, shard: { index: i + 1, of: 2 } }, host, watch);
    const merged = await merge({ shards, output: `${output}/few` }, host, watch);
    if (merged.kind !== 'clusters') return merged.kind;
    const { clusters: found, small, photos, findings, data } = merged.clustering.report;
    return { found, small, photos, findings, data };
  },
  'hide what a cluster looks at': async (host, watch) => {
    const [list, folder] = [await markedPhotos(host), `${output}/marked`];
    const asked = { ...model, data: [list], output: folder, resamples: 100 };
    const { report } = await clusters(
      { ...asked, method: 'gradient-x-input', target: 'dog', neighbours: 5, clusters: 2, views: [] },
      host,
      watch,
    );
    const { number: cluster } = report.clusters.reduce((a, b) => (a.photos < b.photos ? a : b));
    const hide = (fields: Partial<HideRequest>) =>
      hidden({ ...asked, hide: `cluster:${cluster}`, ...fields }, host, watch);
    return [
      report.clusters.map((each) => each.photos),
      await hide({}),
      await hide({ region: 'pictures', replacement: 'imputation', save: `${output}/without` }),
    ];
  },
  'hide what is painted': async (host, watch) => {
    const data = [await markedPhotos(host), `${output}/mask.png`] as const;
    await host.files.write(data[1], await host.images.encodePng(square(image(9, 9), 4)));
    const asked = { ...model, output, resamples: 100, replacement: 'noise' } as const;
    return [
      await hidden({ ...asked, data: [data[0]], hide: data[1] }, host, watch),
      await hidden({ ...asked, data: [photo, broken], hide: data[1], skipBad: true }, host, watch),
    ];
  },
  'hide a cluster of nothing': (host) =>
    hideRegion({ ...model, data: [photo], output, hide: 'cluster:1' }, host),
  'hide what is not there': (host) =>
    hideRegion({ ...model, data: [photo], output, hide: 'in/none.png' }, host),
  'hide what pictures have, of a mask': (host) =>
    hideRegion({ ...model, data: [photo], output, hide: photo, region: 'pictures' }, host),
  'cluster nothing': (host) => clusters({ ...model, output }, host),
  'cluster shards of heatmaps': (host) =>
    clustersShard({ heatmaps: [paths.heatmaps], output, shard: { index: 1, of: 2 } }, host),
  'analyse concepts of a layer that is none': (host) =>
    concepts({ ...model, data: [photo], output, layers: ['nowhere'] }, host),
  'average maps': async (host) => {
    const { photos } = await saveExplanations({ ...model, photos: [photo], output, figure: false }, host);
    const maps = photos.flatMap((each) => ('files' in each ? [each.files.relevance ?? ''] : []));
    return [
      await average({ maps: [...maps, ...maps], output: `${output}/mean.npy` }, host),
      await average({ maps, output: `${output}/mean.png`, colors: 'bwr', percentile: 99 }, host),
    ];
  },
  'put shards of an average together': async (host) => {
    const shards = [1, 2].map((index) => `${output}/mean-${index}`);
    const maps = [paths.heatmaps, paths.heatmaps];
    for (const [i, folder] of shards.entries())
      await averageShard({ maps, output: folder, shard: { index: i + 1, of: 2 } }, host);
    const merged = await merge({ shards, output: `${output}/merged.npy` }, host);
    return [merged, [...(await host.files.read(`${output}/merged.npy`))]];
  },
  'average what is no relevance': (host) => average({ maps: [broken], output: `${output}/mean.png` }, host),
  'lists of folds': async (host) => {
    const made = await dataLists({ folds, output, seed: 5 }, host);
    const list = await host.files.read(`${output}/test_fold_is_1/age_train.txt`);
    return [made, new TextDecoder().decode(list)];
  },
  'lists of what is no folds': (host) => dataLists({ folds: 'in', output }, host),
  'a mean': (host, watch) =>
    dataMean(
      { data: paths.list, resize: { height: 8, width: 9 }, png: true, output: `${output}/mean.binaryproto` },
      host,
      watch,
    ),
  'a mean of pictures that are gone': (host) =>
    dataMean({ data: paths.goneList, output: `${output}/mean.binaryproto` }, host),
  'show pictures': async (host, watch) => {
    const grid = `${output}/sheet.png`;
    const shown = await dataShow({ data: paths.list, grid, perLabel: 1 }, host, watch);
    const { height, width } = await host.images.decode(await host.files.read(grid), grid);
    return [shown, height, width];
  },
  'show a column that is none': (host) =>
    dataShow({ data: manifest, labelColumns: ['kind'], ages: 'age' }, host),
  'look for mistakes': (host, watch) =>
    doctor({ ...model, data: paths.list, output: `${output}/mended.onnx` }, host, watch),
  'look at definitions': (host) => checkDefinitions({ definitions: paths.definition, dataRoot: 'in' }, host),
  'look at definitions where there are none': (host) => checkDefinitions({ definitions: 'none' }, host),
  'mistakes by a head that is none': (host) => doctor({ ...model, data: paths.list, head: 'age' }, host),
  'plot a training': async (host) => {
    const svg = await plot({ runs: [paths.log], output: `${output}/run.svg`, what: ['loss'] }, host);
    const page = await plot({ runs: [paths.log], output: `${output}/run.html`, x: 'iteration' }, host);
    return [svg, page];
  },
  'plot to what is no picture': (host) => plot({ runs: [paths.log], output: `${output}/run.txt` }, host),
  'plot what is no run': (host) => plot({ runs: [broken], output: `${output}/run.svg` }, host),
  'report on a comparison': async (host) => {
    const asked = { models: [paths.model], data: paths.list, output, threads: 1, restart: true };
    const { models } = await evaluate(asked, host);
    const comparison = `${output}/compared`;
    await compare({ results: models.map(({ folder }) => folder), output: comparison }, host);
    const { size, ...made } = await report({ comparison, logs: [paths.log] }, host);
    const charts = (await host.files.list(`${comparison}/charts`)).map(({ name }) => name);
    return [made, size > 10_000, charts];
  },
  'report on no comparison': (host) => report({ comparison: 'in/compared' }, host),
  'inspect a model': (host) => inspect({ model: paths.model }, host),
  'inspect a definition': (host) => inspect({ model: definition, phase: 'train' }, host),
  'import from Caffe': async (host) => {
    const made = `${output}/caffe.onnx`;
    const request = { prototxt: definition, caffemodel: weights, mean: [1, 2, 3], resize: 10, output: made };
    const labelled = { ...request, labels: ['ant', 'bee', 'cat'], name: { prob: 'insect' } };
    return [await importFromCaffe(labelled, host), await inspect({ model: made }, host)];
  },
  'import from ONNX': async (host) => {
    const made = `${output}/again.onnx`;
    const fields = { mean: [9], std: [2], channels: 'rgb', resize: { height: 20, width: 21 } } as const;
    return [
      await importFromOnnx({ model: paths.model, output: made, ...fields }, host),
      await inspect({ model: made }, host),
    ];
  },
  'import with a field that does not fit': (host) =>
    importFromOnnx({ model: paths.model, crop: 16, output: `${output}/no.onnx` }, host),
  'import with numbers from 0 to 1': (host) =>
    importFromOnnx({ model: paths.model, mean: [0.5], std: [0.2], output: `${output}/no.onnx` }, host),
  'import the other way round': (host) =>
    importFromCaffe({ prototxt: weights, caffemodel: definition, output: `${output}/no.onnx` }, host),
  'import labels of another number': (host) =>
    importFromOnnx({ model: paths.model, labels: ['ant'], output: `${output}/no.onnx` }, host),
  'import what is no weights': (host) =>
    importFaceApi({ manifest: definition, weights: tensor, output }, host),
  compile: (host) =>
    compile({ model: paths.model, formula: 102, layer: ['norm1'], output: `${output}/c.onnx` }, host),
  'compile a variant that is none': (host) =>
    compile(
      { model: paths.model, composite: 'epsilon', variant: 'faithful', output: `${output}/no.onnx` },
      host,
    ),
  'run a model': (host) => runModel({ ...model, input: [tensor], outputs: ['prob', 'norm1'], output }, host),
  'run everything': (host) =>
    runModel({ ...model, input: [{ name: 'data', file: tensor }], outputs: ['all'], output }, host),
  'run without an input': (host) => runModel({ ...model, input: [], output }, host),
  'run with an input twice': (host) =>
    runModel({ ...model, input: [tensor, { name: 'data', file: tensor }], output }, host),
  'run with an input that is none': (host) =>
    runModel({ ...model, input: [{ name: 'other', file: tensor }], output }, host),
  'run to a layer that is none': (host) =>
    runModel({ ...model, input: [tensor], outputs: ['conv9'], output }, host),
  init: (host) => init({ prototxt: definition, seed: 3, output: `${output}/init.caffemodel` }, host),
  'init to another file': (host) => init({ prototxt: definition, output: `${output}/init.onnx` }, host),
  page: (host, watch) => page({ ...model, photo, output, percentile: 99 }, host, watch),
  'page of a broken photo': (host) => page({ ...model, photo: broken, output }, host),
  'a grid of photos': (host, watch) =>
    grid(
      {
        models: [paths.model, paths.model],
        names: ['A', 'B'],
        photos: [photo],
        truth: ['dog'],
        target: 'true',
        sharedScale: true,
        threads: 1,
        output,
      },
      host,
      watch,
    ),
  'a grid of means': (host, watch) =>
    grid(
      { models: [paths.model], means: paths.list, by: ['label', 'predicted'], threads: 1, output },
      host,
      watch,
    ),
  'put shards of a grid of means together': async (host) => {
    const shards = [1, 2].map((index) => `${output}/part-${index}`);
    const asked = { models: [paths.model], means: paths.list, by: ['label'], threads: 1 };
    for (const [i, folder] of shards.entries())
      await gridShard({ ...asked, output: folder, shard: { index: i + 1, of: 2 } }, host);
    return merge({ shards, output }, host);
  },
  'a grid of data that is gone': (host) =>
    grid({ models: [paths.model], means: paths.goneList, threads: 1, output }, host),
  'a grid of nothing': (host) => grid({ models: [paths.model], output }, host),
  'a grid with too few names': (host) =>
    grid({ models: [paths.model], names: [], photos: [photo], output }, host),
  'a grid with a truth too many': (host) =>
    grid({ models: [paths.model], photos: [photo], truth: ['dog', 'ant'], output }, host),
  'a grid by no column': (host) =>
    grid({ models: [paths.model], means: paths.list, by: ['age'], output }, host),
  'a grid without the true class': (host) =>
    grid({ models: [paths.model], photos: [photo], target: 'true', output }, host),
  'two scales': (host) => average({ maps: [broken], output, limit: 1, percentile: 99 }, host),
  'explain a target for each photo in mirrored folders': async (host) => {
    const asked = { photos: [photo, photo], targets: ['2', 'top 2'], mirror: 'in', figure: false };
    const { photos } = await saveExplanations({ ...model, ...asked, output }, host);
    return photos;
  },
  'an unknown head': (host) => saveExplanations({ ...model, photos: [photo], head: 'age', output }, host),
  'a wrong field': (host) => classify({ ...model, photos: [photo], top: 0 }, host),
  'a field too many': (host) => classify({ ...model, photos: [photo], tops: 1 } as never, host),
  'fields of another method': (host) =>
    saveExplanations({ ...model, photos: [photo], steps: 3, output }, host),
  'no such file': (host) => classify({ model: 'in/none.onnx', photos: [photo] }, host),
};

/** Runs a request; what differs between hosts by right (versions) is left out. */
export async function outcomeOf(name: string, host: Host): Promise<Outcome> {
  const events: unknown[] = [];
  try {
    const result = await requests[name](host, { on: (event) => events.push(event) });
    return JSON.parse(
      JSON.stringify({ result, events }, (key, value) => (key === 'versions' ? undefined : value)),
    );
  } catch (error) {
    const { kind, message } = error as { kind?: string; message: string };
    return { error: { kind: kind ?? 'bug', message } };
  }
}

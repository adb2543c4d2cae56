import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importNet, parsePrototxt, readCaffemodel } from '../../src/caffe/index.ts';
import { float32, type Graph, int64, type Model, type Tensor } from '../../src/graph/index.ts';
import { readNpy } from '../../src/image/index.ts';
import { loadModel } from '../../src/onnx/file.node.ts';
import { lower } from '../../src/operators/index.ts';
import { relevance, toolbox } from '../../src/relevance/index.ts';
import type { Session } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { openPool } from '../../src/runtime/pool.node.ts';
import { type LimnJob, type NetName, root } from '../bench.ts';
import { asking, flipping } from './flipping.ts';
import type { Job } from './job.ts';
import { training } from './training.ts';

/** Up to which layer the flat rule reaches in the 2017 paper. */
const flatUpTo: Readonly<Record<NetName, number>> = {
  googlenet: 4,
  googlenet_heads: 4,
  adience: 0,
  caffenet: 0,
  vgg16: 9,
};

/**
 * - `forward`: a batch, classified.
 * - `lrp`: a batch, explained by formula 102, LRN passing relevance on as the peers have it.
 * - `lrp-taylor`: the same with limn's own default for LRN.
 * - `mapped-forward`, `mapped-lrp`: `forward` and `lrp-taylor` of the model that limn imported, whose large weights stay in its file.
 * - `training`: a step of training on a batch; returns what the first one found.
 * - `workers`: `batch` images, explained one by one in as many worker threads as there are `threads`.
 * - `flipping`: pixel flipping of `batch` photos in 100 steps, by limn's faithfulness.
 * - `asking`: as many forwards in batches of 16, in worker threads.
 * - `one-session`: explained one by one too, one after the other by one session that has all threads.
 */
export async function prepare(
  job: LimnJob,
  net: NetName,
  batch: number,
  threads: number,
  folder: string,
): Promise<Job> {
  const images = readNpy(readFileSync(join(folder, `${net}.npy`)), net) as Tensor<'float32'>;
  const data = first(images, batch);
  switch (job) {
    case 'forward': {
      const session = await nodeRuntime.load(lower(load(net, folder).graph), { threads });
      return async () => (await session.run({ data }, ['prob'])).prob;
    }
    case 'mapped-forward': {
      const graph = lower((await imported(net, folder)).graph);
      const session = await nodeRuntime.load(graph, { threads });
      return async () => (await session.run({ data }, ['prob'])).prob;
    }
    case 'mapped-lrp': {
      const composite = toolbox(102, { upTo: flatUpTo[net] });
      const { graph } = relevance(await imported(net, folder), { composite });
      const session = await nodeRuntime.load(graph, { threads });
      return () => explain(session, data);
    }
    case 'flipping':
      return flipping(load(net, folder), data, threads);
    case 'asking':
      return asking(load(net, folder), data, threads);
    case 'training':
      return training(net, images, threads, folder);
    case 'workers': {
      const script = pathToFileURL(join(root, 'dist/runtime/worker.node.js'));
      const pool = await openPool(explanation(net, folder, false), { workers: threads, script });
      return oneByOne(pool, images, batch, threads);
    }
    case 'one-session':
      return oneByOne(await nodeRuntime.load(explanation(net, folder, false), { threads }), images, batch, 1);
    default: {
      const session = await nodeRuntime.load(explanation(net, folder, job === 'lrp'), { threads });
      return () => explain(session, data);
    }
  }
}

function load(net: NetName, folder: string): Model {
  const [definition, weights] = [join(folder, `${net}.prototxt`), join(folder, `${net}.caffemodel`)];
  return importNet(parsePrototxt(readFileSync(definition, 'utf8'), definition), definition, {
    weights: readCaffemodel(readFileSync(weights), weights),
    weightsFile: weights,
  });
}

/** The model that was imported into the folder. */
async function imported(net: NetName, folder: string): Promise<Model> {
  return (await loadModel(join(folder, `${net}.onnx`))).model;
}

function explanation(net: NetName, folder: string, identity: boolean): Graph {
  const composite = toolbox(102, { upTo: flatUpTo[net], ...(identity && { lrn: 'identity' }) });
  return relevance(load(net, folder), { composite }).graph;
}

/** The relevance of the predicted classes. */
async function explain(session: Session, data: Tensor): Promise<Tensor> {
  const target = int64([data.shape[0]], Array(data.shape[0]).fill(-1));
  return (await session.run({ data, target })).relevance;
}

/** Explains `count` images (the given ones over and over), `parallel` at a time; returns the last one's relevance. */
function oneByOne(session: Session, images: Tensor<'float32'>, count: number, parallel: number): Job {
  const singles = Array.from({ length: images.shape[0] }, (_, i) => row(images, i));
  return async () => {
    let [next, last] = [0, singles[0] as Tensor];
    const work = async () => {
      while (next < count) last = await explain(session, singles[next++ % singles.length]);
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return last;
  };
}

/** The first images, `count` of them; there may be fewer. */
function first({ shape, data }: Tensor<'float32'>, count: number): Tensor<'float32'> {
  const taken = Math.min(count, shape[0]);
  return float32([taken, ...shape.slice(1)], data.slice(0, (data.length / shape[0]) * taken));
}

function row({ shape, data }: Tensor<'float32'>, i: number): Tensor<'float32'> {
  const each = data.length / shape[0];
  return float32([1, ...shape.slice(1)], data.slice(i * each, (i + 1) * each));
}

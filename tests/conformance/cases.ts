import { importNet, parsePrototxt, readCaffemodel, upgradeNet } from '../../src/caffe/index.ts';
import { int64, type Layer, type Model, type Tensor } from '../../src/graph/index.ts';
import { readNpy } from '../../src/image/index.ts';
import { type Composite, namedComposite, relevance, toolbox } from '../../src/relevance/index.ts';
import type { Runtime, SessionOptions } from '../../src/runtime/index.ts';

/* What every host has to compute: plain data and functions that know no host. */

/** Reads a file of the reference fixtures; `path` counts from their folder. */
export type Read = (path: string) => Promise<Uint8Array>;

export const nets = ['tiny_adience', 'tiny_caffenet', 'tiny_googlenet', 'tiny_vgg'] as const;
export type Net = (typeof nets)[number];

interface Case {
  readonly name: string;
  readonly composite: (reference: Reference, layers: readonly Layer[]) => Composite;
}

/** What a manifest says of one computation of the original. */
interface Reference {
  readonly case: string;
  readonly epsilon: number;
  readonly beta: number;
  readonly flat_or_w2_up_to_layer: number;
  readonly classes: readonly number[];
}

const named = (name: string): Case => ({ name, composite: (_, layers) => namedComposite(name, {}, layers) });

/** The original's own computations, whose results the fixtures hold. */
export const goldens = ['formula0', 'formula102', 'formula11'];

const cases: readonly Case[] = [
  ...goldens.map((name) => ({
    name,
    composite: ({ epsilon, beta, flat_or_w2_up_to_layer: upTo }: Reference) =>
      toolbox(Number(name.slice('formula'.length)), { epsilon, beta, upTo, variant: 'faithful' }),
  })),
  ...['guided-backprop', 'epsilon-plus-flat', 'iccv2017'].map(named),
];

/**
 * Results of one network, by name: its outputs, and the relevance of each case for the original's targets; all cases
 * unless some are named.
 */
export async function compute(
  runtime: Runtime,
  net: Net,
  options: SessionOptions,
  read: Read,
  names = cases.map(({ name }) => name),
): Promise<Record<string, Tensor>> {
  const text = async (path: string) => new TextDecoder().decode(await read(`${net}/${path}`));
  const model = importModel(await text('deploy.prototxt'), await read(`${net}/weights.caffemodel`));
  const references: Reference[] = JSON.parse(await text('manifest.json')).cases;
  const data = readNpy(await read(`${net}/input.npy`), 'input.npy');
  const results: Record<string, Tensor> = {};
  for (const { name, composite } of cases.filter((one) => names.includes(one.name))) {
    const reference = references.find((r) => r.case === name) ?? references[0];
    const { graph } = relevance(model, { composite: composite(reference, model.info.layers ?? []) });
    const session = await runtime.load(graph, options);
    const { relevance: map, ...outputs } = await session.run({
      [graph.inputs[0].name]: data,
      target: int64([reference.classes.length], reference.classes),
    });
    Object.assign(results, outputs);
    results[name] = map;
    await session.release();
  }
  return results;
}

function importModel(prototxt: string, caffemodel: Uint8Array): Model {
  const net = upgradeNet(parsePrototxt(prototxt, 'deploy.prototxt'), 'deploy.prototxt');
  return importNet(net, 'deploy.prototxt', { weights: readCaffemodel(caffemodel, 'weights.caffemodel') });
}

/** ‖a − b‖ / ‖b‖; infinite where the lengths differ, NaN where one holds a NaN. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [off, all] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    off += (a[i] - b[i]) ** 2;
    all += b[i] ** 2;
  }
  return Math.sqrt(off / all);
}

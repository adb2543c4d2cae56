import {
  asInputLayer,
  filterNet,
  importTraining,
  inputTypes,
  leftOutText,
  type NetParameter,
  parsePrototxt,
  upgradeNet,
  writeCaffemodel,
} from '../../caffe/index.ts';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { initialWeights } from '../../training/initial.ts';
import { weightsByLayer } from '../../training/run/snapshot.ts';
import { readTextSource } from '../caffe.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { type InitRequest, initRequest } from './request.ts';

/** What untrained weights were made. */
export interface InitResult {
  /** The file that was written. */
  readonly output: string;
  readonly bytes: number;
  /** The network's name. */
  readonly name: string;
  /** Layers that have weights. */
  readonly layers: number;
  readonly parameters: number;
  readonly seed: number;
  /** Layers whose weights are zeros, for want of a filler. */
  readonly unfilled: readonly string[];
}

/**
 * Makes untrained weights for a Caffe network from its layers' fillers, always the same for one seed. A layer keeps its
 * numbers when others are added. Errors: the request's; a definition that cannot be trained.
 */
export async function init(
  request: InitRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<InitResult> {
  const { prototxt, output, seed, inputShape } = checkRequest(initRequest, request, signal);
  if (!/\.caffemodel$/i.test(output))
    failRequest(words`${field('output')}`, `expected a .caffemodel, got '${output}'`);
  host.files.protect([prototxt]);
  await host.files.claim([output]);
  const { content } = await readTextSource(prototxt, 'a network definition', host);
  const parsed = upgradeNet(
    parsePrototxt(content, prototxt, (left) => on?.({ kind: 'note', text: leftOutText(left) })),
    prototxt,
  );
  const net = asInputLayer(filterNet(parsed, { phase: 'train' }, prototxt), prototxt);
  const shapes = inputShape && shapesOf(net, inputShape.slice(1));
  const { parameters } = importTraining(net, prototxt, { phase: 'train', shapes });
  const { weights } = initialWeights(parameters, [], { seed, file: prototxt });
  const layers = weightsByLayer(net, parameters, weights);
  const file = writeCaffemodel(net, layers);
  await host.files.write(output, file);
  const zeros = parameters.filter(({ filler, shape }) => filler === undefined && shape.length > 1);
  return {
    output,
    bytes: file.length,
    name: net.name,
    layers: layers.size,
    parameters: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
    seed,
    unfilled: zeros.map(({ blobs: [{ layer }] }) => layer),
  };
}

/** The shape of the pictures for every layer that brings some. */
const shapesOf = (net: NetParameter, picture: readonly number[]): ReadonlyMap<string, readonly number[]> =>
  new Map(net.layer.flatMap(({ name, type }) => (inputTypes.has(type) ? [[name, picture] as const] : [])));

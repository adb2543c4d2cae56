import { fail } from '../../common/error.ts';
import { parseJson } from '../../common/json.ts';
import type { Graph } from '../../graph/index.ts';
import { type TfGraphOptions, tfGraph } from './graph.ts';
import { kerasGraph } from './keras.ts';
import { checkSupported } from './unsupported.ts';
import { readTfjsWeights } from './weights.ts';

/** A `model.json` and the bytes of the files that its manifest names. */
export interface TfjsFiles {
  readonly model: { readonly name: string; readonly content: string };
  /** The shards in the manifest's order, joined, and what errors call them. */
  readonly weights: { readonly name: string; readonly content: Uint8Array };
}

/**
 * The files of weights that a `model.json` names, relative to it, in order. Errors: it is no TensorFlow.js model; layers, operations
 * or activations that are not supported, all of them, so that nobody reads weights in vain.
 */
export function tfjsShards({ name, content }: TfjsFiles['model']): string[] {
  const model = parseJson(content, name, 'give the model.json, no script around it and no list of weights');
  const manifest = model.at('weightsManifest');
  if (model.at('modelTopology').value === undefined || manifest.value === undefined)
    fail(
      name,
      'this is no model.json of TensorFlow.js',
      'give the one with modelTopology and weightsManifest',
    );
  checkSupported(model.at('modelTopology'), name);
  return manifest.list((group) => group.at('paths').list((path) => path.string())).flat();
}

/**
 * The network of a TensorFlow.js model, a layers model (Keras) or a graph model (TensorFlow), in ONNX's operators, images
 * N×C×H×W. Errors name file, layers and what is not supported.
 */
export function readTfjsModel({ model, weights }: TfjsFiles, options: TfGraphOptions = {}): Graph {
  const json = parseJson(model.content, model.name);
  const topology = json.at('modelTopology');
  checkSupported(topology, model.name);
  const manifest = JSON.stringify(json.at('weightsManifest').value);
  const tensors = readTfjsWeights(manifest, weights.content, { manifest: model.name, weights: weights.name });
  if (topology.at('node').value === undefined) return kerasGraph(topology, tensors, model.name);
  return tfGraph(topology, tensors, json.at('signature'), model.name, options);
}

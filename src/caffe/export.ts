import { create } from '@bufbuild/protobuf';
import { fail, LimnError } from '../common/error.ts';
import type { Graph, Model, ValueInfo } from '../graph/index.ts';
import { type Inference, infer } from '../operators/index.ts';
import { blobShape } from './blob.ts';
import { type LayerWeights, writeCaffemodel } from './caffemodel.ts';
import { nameBlobs } from './export/blobs.ts';
import { Exportation, type ExportedLayer, type NodeGroup } from './export/exporter.ts';
import { groupsOf } from './export/groups.ts';
import { exporters } from './export/table.ts';
import { LayerParameterSchema, type NetParameter, NetParameterSchema } from './generated/caffe_pb.ts';
import { writePrototxt } from './prototxt/write.ts';

/** A network in Caffe's own terms. */
export interface CaffeNet {
  readonly net: NetParameter;
  readonly weights: ReadonlyMap<string, LayerWeights>;
}

/**
 * A model as a Caffe network. One that was imported from Caffe comes back as it was: the same layers, names and
 * in-place blobs, so that importing it again gives an equal graph; what an inference graph does not hold (fillers,
 * learning rates, the ratio of Dropout) is not written. Errors: a node that no Caffe layer expresses, by name.
 */
export function exportNet({ graph, info }: Model): CaffeNet {
  const known = infer(graph);
  const layers = groupsOf(graph, info.layers).flatMap((group) => exported(group, known));
  checkOutputs(graph, layers);
  const net = create(NetParameterSchema, {
    name: graph.name,
    input: graph.inputs.map((input) => input.name),
    inputShape: graph.inputs.map((input) => blobShape(inputDims(input))),
    layer: nameBlobs(graph, layers).map(({ layer: { name, type, param }, bottom, top }) =>
      create(LayerParameterSchema, { name, type, bottom: [...bottom], top: [...top], ...param }),
    ),
  });
  return { net, weights: weightsOf(layers) };
}

/**
 * The weights of a model by the Caffe layers that its nodes are, for networks that share some of them. Nodes that no
 * Caffe layer expresses are left out.
 */
export function exportWeights({ graph, info }: Model): Map<string, LayerWeights> {
  const known = infer(graph);
  return weightsOf(
    groupsOf(graph, info.layers).flatMap((group) => {
      try {
        return exported(group, known);
      } catch (error) {
        if (error instanceof LimnError) return [];
        throw error;
      }
    }),
  );
}

function exported(group: NodeGroup, known: Inference): readonly ExportedLayer[] {
  const e = new Exportation(group, known);
  const exporter = exporters.get(group.main.op) ?? e.fail(`Caffe has no layer like ${group.main.op}`);
  const made = exporter(e);
  e.checkClaimed();
  return [made].flat();
}

const weightsOf = (layers: readonly ExportedLayer[]): Map<string, LayerWeights> =>
  new Map(
    layers.flatMap(({ name, type, blobs }) => (blobs.length > 0 ? ([[name, { type, blobs }]] as const) : [])),
  );

/** {@link exportNet} as the contents of Caffe's two files. */
export function exportCaffe(model: Model): { prototxt: string; caffemodel: Uint8Array } {
  const { net, weights } = exportNet(model);
  return { prototxt: writePrototxt(net), caffemodel: writeCaffemodel(net, weights) };
}

/** The batch is written as 1. */
function inputDims({ name, type, shape }: ValueInfo): number[] {
  if (type !== 'float32') fail(`input '${name}'`, `Caffe's blobs are float32, this is ${type}`);
  return shape.map((dim, i) => {
    if (typeof dim === 'number') return dim;
    return i === 0 ? 1 : fail(`input '${name}'`, `dimension ${i} is not fixed ('${dim}')`, 'give it a size');
  });
}

/** Errors: an output or an input of a layer that no layer makes. */
function checkOutputs(graph: Graph, layers: readonly ExportedLayer[]): void {
  const made = new Set([
    ...graph.inputs.map((input) => input.name),
    ...layers.flatMap((layer) => layer.tops),
  ]);
  for (const layer of layers) {
    const missing = layer.bottoms.find((bottom) => !made.has(bottom));
    if (missing !== undefined) {
      fail(
        `node '${layer.name}'`,
        `it cannot be written as a Caffe layer: its input '${missing}' is a constant`,
      );
    }
  }
  const lost = graph.outputs.find((output) => !made.has(output.name));
  if (lost)
    fail(`output '${lost.name}'`, 'it lies within a Caffe layer, or is a constant', 'choose another output');
}

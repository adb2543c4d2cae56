import { importCaffe } from '../../caffe/index.ts';
import { decodeText } from '../../common/filekind.ts';
import type { FaceCut, Head, Shape, ValueInfo } from '../../graph/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { attentions, type Cost, costs, infer, operatorOf, Site } from '../../operators/index.ts';
import { layerIndex, listLayers } from '../../relevance/canonise/layers.ts';
import { isDefinition } from '../caffe.ts';
import type { Host } from '../host.ts';
import { converter, fileHash, type PreprocessingRecord, preprocessingRecord } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { type RepeatedBlock, repeats } from './blocks.ts';
import { sizeInData } from './datasize.ts';
import { type InspectRequest, inspectRequest } from './request.ts';
import { rulesOf } from './rules.ts';

/** What there is to know about a model without running it. */
export interface InspectResult {
  /** The network's name. */
  readonly name: string;
  readonly file: {
    readonly path: string;
    /** Of the file itself. */
    readonly bytes: number;
    /** Of the file itself. */
    readonly sha256: string;
    /** Names of the files beside it that hold its weights. */
    readonly beside: readonly string[];
  };
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly preprocessing?: PreprocessingRecord | undefined;
  /** How the faces were cut out that it was trained on; undefined where it does not say. */
  readonly faces?: FaceCut | undefined;
  readonly heads: readonly Head[];
  readonly provenance: Readonly<Record<string, string>>;
  /** The composite whose rules the layers have; null where the network cannot be explained. */
  readonly composite: string | null;
  /** Why it cannot be explained: a layer and its operator, or what is missing; undefined where it can be. */
  readonly obstacle?: string | undefined;
  /** In the order in which they are computed. */
  readonly layers: readonly InspectedLayer[];
  /** Runs of layers that repeat: of the same types, shapes, multiply-adds and rules. */
  readonly blocks: readonly RepeatedBlock[];
  readonly total: {
    /** As the network's own framework counts them. */
    readonly layers: number;
    /** Operators of the graph. */
    readonly nodes: number;
    readonly parameters: number;
    /** For one image. */
    readonly multiplyAdds: number;
  };
}

/** One operator of the graph. */
export interface InspectedLayer extends Cost {
  /** Its number in the list of layers, which the field `upTo` of an explanation counts; none if it is in no list. */
  readonly index: number | null;
  readonly name: string;
  readonly type: string;
  /** The shape of its (first) output. */
  readonly output: Shape;
  /** The larger operation that it is a part of; null where it is one by itself. */
  readonly form: 'attention' | null;
  /** Whether it only puts values elsewhere: reshapes, transposes, slices, joins, pads. */
  readonly moves: boolean;
  /**
   * The rule by which it shares relevance; `merged` where it becomes part of a layer beside it first, null where no
   * relevance comes by.
   */
  readonly rule: string | null;
}

/**
 * Lists the layers of a network with their shapes, parameters, multiply-adds and the rules that an explanation has for
 * them, its preprocessing, labels and origin. Errors: the request's; a file that is no model, an operator that limn does
 * not know; a composite that does not exist or does not fit, where one is given.
 *
 * @example
 * ```ts
 * import { nodeHost } from 'limn/node';
 * import { inspect } from 'limn/verbs';
 *
 * const { layers } = await inspect({ model: 'models/face-api-age-gender.onnx' }, nodeHost);
 * console.log(layers.length);
 * ```
 */
export async function inspect(
  request: InspectRequest,
  host: Host,
  watch: Watch<NoteEvent> = {},
): Promise<InspectResult> {
  const fields = checkRequest(inspectRequest, request, watch.signal);
  const path = fields.model;
  const loaded = (await isDefinition(path, host))
    ? await readDefinition(path, fields, host, watch)
    : await host.files.readModel(path);
  const { model } = loaded;
  const { graph, info } = model;
  const known = infer(graph);
  const cost = costs(graph, known);
  const index = layerIndex(graph, info.layers);
  const { composite, obstacle, ruleOf } = rulesOf(model, fields.composite);
  const inAttention = new Set(attentions(graph, known).flatMap(({ nodes }) => nodes));
  const layers = graph.nodes.map((node): InspectedLayer => {
    const number = index(node);
    return {
      index: Number.isFinite(number) ? number : null,
      name: node.name,
      type: node.op,
      output: known.shapes.get(node.outputs[0]) ?? [],
      ...(cost.get(node.name) ?? { parameters: 0, multiplyAdds: 0 }),
      form: inAttention.has(node.name) ? 'attention' : null,
      moves: operatorOf(node).role(new Site(node, known)).kind === 'movement',
      rule: ruleOf(node.name) ?? null,
    };
  });
  const sumOf = (kind: keyof Cost) => layers.reduce((sum, layer) => sum + layer[kind], 0);
  return {
    name: graph.name,
    file: {
      path,
      bytes: loaded.size,
      sha256: await fileHash(loaded, host),
      beside: loaded.files
        .filter((each) => each !== loaded.files[0])
        .map((each) => host.files.basename(each)),
    },
    inputs: graph.inputs,
    // As far as it follows from the input's: exporters have names of their own for sizes.
    outputs: graph.outputs.map((each) => ({ ...each, shape: known.shapes.get(each.name) ?? each.shape })),
    preprocessing: info.preprocessing && preprocessingRecord(info.preprocessing),
    faces: info.faces,
    heads: info.heads,
    provenance: info.provenance,
    composite,
    obstacle,
    layers,
    blocks: repeats(
      layers.map(signature),
      layers.map(({ name }) => name),
    ),
    total: {
      layers: (info.layers ?? listLayers(graph)).length,
      nodes: layers.length,
      parameters: sumOf('parameters'),
      multiplyAdds: sumOf('multiplyAdds'),
    },
  };
}

/** What is alike in layers that repeat; their parameters need not be: of equal weights, files have one. */
const signature = ({ type, output, multiplyAdds, form, rule }: InspectedLayer): string =>
  JSON.stringify([type, output, multiplyAdds, form, rule]);

async function readDefinition(
  path: string,
  {
    phase,
    stage,
    level,
    inputShape,
  }: Pick<InspectRequest, 'stage' | 'level' | 'inputShape'> & {
    phase: 'train' | 'test';
  },
  host: Host,
  { on }: Watch<NoteEvent>,
): Promise<LoadedModel> {
  const bytes = await host.files.read(path);
  const content = decodeText(bytes, path, 'a network definition');
  const state = { phase, ...(stage && { stages: stage }), ...(level !== undefined && { level }) };
  const model = importCaffe({
    prototxt: { name: path, content },
    state,
    inputShape: inputShape ?? (await sizeInData(content, path, state, host)),
    tell: (text) => on?.({ kind: 'note', text }),
    converter,
  });
  // Where it comes from is this very file.
  return {
    model: { ...model, info: { ...model.info, provenance: {} } },
    path,
    size: bytes.length,
    parts: () => [bytes],
    files: [path],
  };
}

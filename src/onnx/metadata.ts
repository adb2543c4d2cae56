import { fromBase64, toBase64 } from '../common/base64.ts';
import { bytesOf } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { JsonField, parseJson } from '../common/json.ts';
import {
  type FaceCut,
  type Head,
  type Layer,
  type ModelInfo,
  type Preprocessing,
  resizeFilters,
  resizeModes,
} from '../graph/info.ts';
import type { Tensor } from '../graph/tensor.ts';
import { size } from '../graph/tensor.ts';

const again = 'import the model again';

/** The version of the entries below; a reader refuses later ones, which may mean something else. */
const version = 1;

/** What is known about a model as entries of an ONNX file's metadata: JSON, under keys that begin with `limn.`. */
export function writeMetadata(info: ModelInfo): Map<string, string> {
  const entries = new Map([['limn.version', String(version)]]);
  const { preprocessing, faces, heads, provenance, layers } = info;
  if (preprocessing) {
    const { mean, ...rest } = preprocessing;
    const stored = mean === undefined ? undefined : isTensor(mean) ? image(mean) : mean;
    entries.set('limn.preprocessing', JSON.stringify({ ...rest, mean: stored }));
  }
  if (faces) entries.set('limn.faces', JSON.stringify(faces));
  entries.set('limn.heads', JSON.stringify(heads));
  entries.set('limn.provenance', JSON.stringify(provenance));
  if (layers) entries.set('limn.layers', JSON.stringify(layers));
  return entries;
}

/**
 * What a file's metadata says about its model; undefined if limn did not write it.
 * Errors: a version of the future; entries that are damaged or speak of outputs that the graph does not have.
 */
export function readMetadata(
  entries: ReadonlyMap<string, string>,
  outputs: readonly string[],
  file: string,
): ModelInfo | undefined {
  const written = entries.get('limn.version');
  if (written === undefined) return undefined;
  if (Number(written) !== version) {
    fail(file, `its metadata is of version '${written}', this limn reads version ${version}`, 'update limn');
  }
  const entry = (name: string): JsonField | undefined => {
    const text = entries.get(`limn.${name}`);
    return text === undefined ? undefined : parseJson(text, `${file}: metadata limn.${name}`, again);
  };
  const preprocessing = entry('preprocessing');
  const faces = entry('faces');
  const layers = entry('layers');
  return {
    ...(preprocessing && { preprocessing: preprocessingOf(preprocessing) }),
    ...(faces && { faces: faceCutOf(faces) }),
    heads: (entry('heads') ?? new JsonField([], file, again)).list((head) => headOf(head, outputs)),
    provenance: (entry('provenance') ?? new JsonField({}, file, again)).record((value) => value.string()),
    ...(layers && { layers: layers.list(layerOf) }),
  };
}

function preprocessingOf(field: JsonField): Preprocessing {
  const channels = field.at('channels').oneOf('bgr', 'rgb', 'gray');
  const count = channels === 'gray' ? 1 : 3;
  const extent = (f: JsonField) => ({ height: f.at('height').count(), width: f.at('width').count() });
  const perChannel = (f: JsonField): number[] => {
    const list = f.list((item) => item.number());
    return list.length === count ? list : f.wrong(`${count} numbers`);
  };
  return {
    ...field.optional('resize', (f) => ({
      ...extent(f),
      mode: f.at('mode').oneOf(...resizeModes),
      ...f.optional('filter', (filter) => filter.oneOf(...resizeFilters)),
    })),
    ...field.optional('crop', (f) => ({
      ...extent(f),
      ...f.optional('rounding', (rounding) => rounding.oneOf('even')),
    })),
    channels,
    ...field.optional('mean', (f) => (Array.isArray(f.value) ? perChannel(f) : meanImage(f, count))),
    ...field.optional('scale', (f) => f.number()),
    ...field.optional('std', (f) => {
      const list = perChannel(f);
      return list.includes(0) ? f.wrong('numbers that are not 0') : list;
    }),
  };
}

const faceCutOf = (field: JsonField): FaceCut => ({
  align: field.at('align').oneOf('similarity', 'rotation', 'none'),
  margin: field.at('margin').number(),
});

function headOf(field: JsonField, outputs: readonly string[]): Head {
  const output = field.at('output').string();
  if (!outputs.includes(output)) field.at('output').wrong('an output of the graph');
  return {
    name: field.at('name').string(),
    output,
    kind: field.at('kind').oneOf('classes', 'number'),
    ...field.optional('labels', (f) => f.list((label) => label.string())),
  };
}

const layerOf = (field: JsonField): Layer => ({
  name: field.at('name').string(),
  type: field.at('type').string(),
});

const isTensor = (mean: NonNullable<Preprocessing['mean']>): mean is Tensor<'float32'> => 'data' in mean;

const image = (mean: Tensor<'float32'>) => ({ shape: mean.shape, float32: toBase64(bytesOf(mean.data)) });

function meanImage(field: JsonField, channels: number): Tensor<'float32'> {
  const shape = field.at('shape').list((n) => n.count());
  if (shape.length !== 3 || shape[0] !== channels) field.at('shape').wrong(`${channels}×height×width`);
  const bytes = fromBase64(field.at('float32').string());
  if (bytes?.length !== 4 * size(shape)) return field.at('float32').wrong(`${size(shape)} floats in base64`);
  return { type: 'float32', shape, data: new Float32Array(bytes.buffer) };
}

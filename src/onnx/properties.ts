import type { ValueInfo } from '../graph/graph.ts';
import type { ModelInfo } from '../graph/info.ts';
import { fieldsOf, type PreprocessingFields, preprocessingFor } from '../graph/preprocessing.ts';

type Properties = ReadonlyMap<string, string>;

/**
 * What a file of others says of its model by metadata properties that tools agree on: how photos become its input, and the
 * names of its `classes`.
 * - ONNX's own `Image.BitmapPixelFormat`, `Image.NominalPixelRange` and `Image.ColorSpaceGamma` (onnx/docs/MetadataProps.md);
 * - `task`, `names` and `imgsz`, as Ultralytics exports its classifiers.
 * What the file's front was found to do (`found`) holds where both say something. What limn cannot prepare (linear light, pixels
 * from 16 to 235) is left to the user, and noted.
 */
export function readProperties(
  properties: Properties,
  input: ValueInfo | undefined,
  found: ModelInfo['preprocessing'],
  classes: number | undefined,
): Pick<ModelInfo, 'preprocessing'> & {
  readonly labels?: readonly string[];
  readonly notes: ModelInfo['provenance'];
} {
  const labels = labelsOf(properties.get('names'), classes);
  const named = labels && { labels };
  const missing = unprepared(properties);
  if (missing !== undefined) return { ...named, notes: { 'not prepared': missing } };
  const fields = { ...imageFields(properties), ...ultralyticsFields(properties, input) };
  const isSaid = Object.values(fields).some((value) => value !== undefined);
  const depth = input?.shape.length === 4 ? input.shape[1] : undefined;
  if (!input || !isSaid || !(depth === 1 || depth === 3)) {
    return { ...named, ...(found && { preprocessing: found }), notes: {} };
  }
  const known: PreprocessingFields = found
    ? { ...fieldsOf(found), channels: depth === 3 ? (fields.channels ?? found.channels) : 'gray' }
    : {
        ...fields,
        channels: depth === 1 ? 'gray' : fields.channels === 'gray' ? undefined : fields.channels,
      };
  const preprocessing = preprocessingFor(input, {}, { name: input.name, order: 'rgb', known });
  return { ...named, ...(preprocessing && { preprocessing }), notes: {} };
}

/** A property whose pixels limn does not make, in words. */
function unprepared(properties: Properties): string | undefined {
  if (/^linear$/i.test(properties.get('Image.ColorSpaceGamma') ?? ''))
    return 'photos of linear light (Image.ColorSpaceGamma)';
  if (properties.get('Image.NominalPixelRange') === 'NominalRange_16_235')
    return 'pixels from 16 to 235 (Image.NominalPixelRange)';
  return undefined;
}

/** Of pixels, by their range's name. */
const ranges: Readonly<Record<string, Pick<PreprocessingFields, 'mean' | 'scale'>>> = {
  NominalRange_0_255: {},
  Normalized_0_1: { scale: 1 / 255 },
  Normalized_1_1: { mean: [127.5], scale: 1 / 127.5 },
};

const formats: Readonly<Record<string, PreprocessingFields['channels']>> = {
  Gray8: 'gray',
  Rgb8: 'rgb',
  Rgba8: 'rgb',
  Bgr8: 'bgr',
  Bgra8: 'bgr',
};

function imageFields(properties: Properties): PreprocessingFields {
  const channels = formats[properties.get('Image.BitmapPixelFormat') ?? ''];
  return { ...ranges[properties.get('Image.NominalPixelRange') ?? ''], ...(channels && { channels }) };
}

/** As torchvision's transforms for evaluation, without mean and deviation. */
function ultralyticsFields(properties: Properties, input: ValueInfo | undefined): PreprocessingFields {
  const [, , height, width] = input?.shape ?? [];
  const size = /^\[(\d+), ?(\d+)\]$/.exec(properties.get('imgsz') ?? '');
  if (properties.get('task') !== 'classify' || !size) return {};
  const [, tall, wide] = size.map(Number);
  if ((typeof height === 'number' && height !== tall) || (typeof width === 'number' && width !== wide))
    return {};
  const extent = { height: tall, width: wide };
  return {
    resize: extent,
    resizeMode: 'shorter-side',
    resizeFilter: 'bilinear',
    crop: extent,
    cropRounding: 'even',
    channels: 'rgb',
    scale: 1 / 255,
  };
}

/** The names of so many classes from a dictionary as Python writes it: {0: 'tench', 1: "Bewick's swan"}. */
function labelsOf(names: string | undefined, classes: number | undefined): readonly string[] | undefined {
  if (names === undefined || classes === undefined || !/^\s*\{.*\}\s*$/s.test(names)) return undefined;
  const entries = names.matchAll(/(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/gs);
  const labels = new Map(
    Array.from(entries, ([, number, single, double]) => [
      Number(number),
      (single ?? double).replaceAll(/\\(.)/gs, '$1'),
    ]),
  );
  const all = Array.from({ length: classes }, (_, i) => labels.get(i));
  return labels.size === classes && all.every((label) => label !== undefined) ? all : undefined;
}

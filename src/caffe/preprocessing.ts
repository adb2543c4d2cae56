import {
  isMeanImage,
  type Preprocessing,
  type PreprocessingFields,
  preprocessingFor,
  type ValueInfo,
} from '../graph/index.ts';
import type { NetParameter } from './generated/caffe_pb.ts';

/**
 * How photos become the input of a network, as Caffe's users do it: stretched (to the mean image's size; to 256 where
 * a crop is asked for; else straight to the input's size), BGR, the mean subtracted, the centre cut out. Mean values
 * and scale of the network's own data layer hold where none are given. Undefined for inputs that are no images.
 * Errors as of {@link preprocessingFor}.
 */
export function caffePreprocessing(
  net: NetParameter,
  input: ValueInfo,
  fields: PreprocessingFields,
  { file, meanName }: { readonly file: string; readonly meanName?: string | undefined },
): Preprocessing | undefined {
  const transform = net.layer.find((layer) => layer.transformParam)?.transformParam;
  const mean = fields.mean ?? (transform?.meanValue.length ? transform.meanValue : undefined);
  const [height, width] = input.shape.slice(2).map(Number);
  // What Caffe's own scripts do before they cut.
  const larger =
    fields.crop === undefined || isMeanImage(mean)
      ? undefined
      : { height: Math.max(256, height), width: Math.max(256, width) };
  return preprocessingFor(input, fields, {
    name: file,
    order: 'bgr',
    known: { mean, resize: larger, scale: transform?.scale },
    meanName,
  });
}

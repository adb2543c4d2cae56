import { basename, dirname, extname, join, resolve } from 'node:path';
import type { EvaluateRequest } from '../../verbs/evaluate/index.ts';

/* Where commands write to if nobody says so: here, by the name of what they were given. */

/** `nets/googlenet.caffemodel` → `googlenet.onnx`. */
export const importedCaffe = (caffemodel: string): string => `${stem(caffemodel)}.onnx`;

/** `nets/resnet18.onnx` → `resnet18-prepared.onnx`, as the page calls it, so that it may lie beside what it is made of. */
export const importedOnnx = (model: string): string =>
  `${stem(model).replace(/-prepared$/, '')}-prepared.onnx`;

/** `hub/vit-base` → `vit-base.onnx`. */
export const importedFolder = (folder: string): string => `${basename(resolve(folder)) || 'model'}.onnx`;

/** `my_model/model.json`, as most are called, → `my_model.onnx`; `flowers.json` → `flowers.onnx`. */
export const importedTfjs = (model: string): string =>
  stem(model) === 'model' ? importedFolder(dirname(model)) : `${stem(model)}.onnx`;

/** `nets/googlenet.onnx` → `googlenet-explain.onnx`. */
export const compiledModel = (model: string): string => `${stem(model)}-explain.onnx`;

/**
 * `results/TARGET/MODEL`; of several models `results/TARGET`, where each has its folder. Without a target one folder less. Parts
 * of the photos have folders of their own: `MODEL-2-of-8`.
 */
export function evaluatedFolder({
  models,
  target,
  as,
  shard,
}: Pick<EvaluateRequest, 'models' | 'target' | 'as' | 'shard'>): string {
  const asked = target ?? (as === 'adience' ? 'age' : undefined);
  const part = shard ? `-${shard.index}-of-${shard.of}` : '';
  const name = stem(models[0]).replace(/[-_. ]?\{fold\}/g, '') || 'model';
  return join(
    'results',
    ...(asked === undefined ? [] : [plainName(asked)]),
    ...(models.length > 1 ? (part ? [`all${part}`] : []) : [`${name}${part}`]),
  );
}

const stem = (path: string): string => basename(path, extname(path));

/** A name that is no path. */
const plainName = (text: string): string => text.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');

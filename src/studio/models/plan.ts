import { importedCaffe, importedFolder, importedOnnx, importedTfjs } from '../../verbs/usualnames.ts';
import type { ImportPlan } from '../protocol/index.ts';

/**
 * What files that were given together are, by their names: a Caffe network with its weights, a TensorFlow.js model, a folder
 * of the Hugging Face hub, `.onnx` models with what lies beside them. Undefined where there is no network among them.
 */
export function importPlanOf(paths: readonly string[]): ImportPlan | undefined {
  const ending = (pattern: RegExp) => paths.filter((path) => pattern.test(path));
  const [caffemodel] = ending(/\.caffemodel$/i);
  if (caffemodel !== undefined) {
    const prototxts = ending(/\.prototxt$/i);
    // What a network is trained and tested by lies beside the definition that it is deployed with.
    const prototxt =
      prototxts.find((path) => /deploy/i.test(path)) ??
      prototxts.find((path) => !/train|val|solver/i.test(path)) ??
      prototxts[0];
    if (prototxt === undefined) return undefined;
    const [mean] = ending(/\.binaryproto$|mean[^/]*\.npy$/i);
    const [labels] = ending(/(label|synset|class|word|name)[^/]*\.txt$/i);
    return {
      source: 'caffe',
      prototxt,
      caffemodel,
      name: importedCaffe(caffemodel),
      ...(mean !== undefined && { mean }),
      ...(labels !== undefined && { labels }),
    };
  }
  const [onnx] = ending(/\.onnx$/i);
  const [config] = ending(/(^|\/)config\.json$/i);
  if (onnx !== undefined && config !== undefined) {
    const folder = config.replace(/\/?config\.json$/i, '');
    return {
      source: 'hf',
      folder: folder || '.',
      name: folder ? importedFolder(folder) : importedOnnx(onnx),
    };
  }
  const [model] = ending(/(^|\/)model\.json$/i);
  if (model !== undefined) {
    return { source: 'tfjs', model, name: importedTfjs(model) };
  }
  const [labels] = ending(/(label|synset|class|word|name)[^/]*\.txt$/i);
  if (onnx !== undefined && labels !== undefined)
    return { source: 'onnx', model: onnx, labels, name: importedOnnx(onnx) };
  return undefined;
}

/** What is missing beside a file that is a part of a network, in words; undefined of other files. */
export function missingBeside(path: string): string | undefined {
  if (/\.caffemodel$/i.test(path))
    return 'weights of Caffe without their network; drop the .prototxt with it';
  if (/\.prototxt$/i.test(path)) return 'a network of Caffe without weights; drop the .caffemodel with it';
  if (/\.(onnx[._]data|weights)$/i.test(path))
    return 'weights without their network; drop the .onnx that names them with it';
  if (/\.(safetensors|pt|pth|ckpt|h5|keras|tflite)$/i.test(path))
    return 'weights that need their own framework; export them as .onnx there';
  return undefined;
}

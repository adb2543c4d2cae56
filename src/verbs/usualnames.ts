/* What models that are made are called where nobody says so, on the command line and in the page. */

/** The age and gender network of face-api. */
export const FACE_API_MODEL = 'face-api-age-gender.onnx';

/** `nets/googlenet.caffemodel` → `googlenet.onnx`. */
export const importedCaffe = (caffemodel: string): string => `${stem(caffemodel)}.onnx`;

/**
 * `nets/resnet18.onnx` → `resnet18-prepared.onnx` → `resnet18-prepared-2.onnx`: it lies beside what it is made of, which cannot be
 * written over while it is read.
 */
export function importedOnnx(model: string): string {
  const [, first, times = '1'] = /^(.*)-prepared(?:-(\d+))?$/.exec(stem(model)) ?? [];
  return first === undefined ? `${stem(model)}-prepared.onnx` : `${first}-prepared-${Number(times) + 1}.onnx`;
}

/** `hub/vit-base` → `vit-base.onnx`. */
export const importedFolder = (folder: string): string => `${baseOf(folder) || 'model'}.onnx`;

/** `my_model/model.json`, as most are called, → `my_model.onnx`; `flowers.json` → `flowers.onnx`. */
export const importedTfjs = (model: string): string =>
  stem(model) === 'model' ? importedFolder(model.replace(/[^/\\]*$/, '')) : `${stem(model)}.onnx`;

/** `MNIST/LeNet-5.txt` → `LeNet-5.onnx`. */
export const importedToolbox = (network: string): string => `${stem(network)}.onnx`;

/** `nets/googlenet.onnx` → `googlenet-explain.onnx`. */
export const compiledModel = (model: string): string => `${stem(model)}-explain.onnx`;

/** `nets/googlenet.onnx` → `googlenet-mended.onnx`. */
export const mendedModel = (model: string): string => `${stem(model)}-mended.onnx`;

/** The last part of a path; nothing of a place that has no name, as `/` and `.`. */
const baseOf = (path: string): string =>
  path
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/^\.+$/, '');

/** A file's name without its ending. */
const stem = (path: string): string => baseOf(path).replace(/(?<=.)\.[^.]*$/, '');

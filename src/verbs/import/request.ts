import * as v from 'valibot';
import { ALIGNMENTS } from '../../faces/align.ts';
import { resizeFilters, resizeModes } from '../../graph/index.ts';
import { extent, inputShape, list, number } from '../request.ts';

const preparation = {
  /** Photos are resized to this. */
  resize: v.optional(extent),
  /** How they come to that size; `stretch` unless given. */
  resizeMode: v.optional(v.picklist(resizeModes)),
  /** As Pillow resizes; unless given as OpenCV does, bilinear without looking at more than four pixels. */
  resizeFilter: v.optional(v.picklist(resizeFilters)),
  /** Cut from the middle; the network's input size. */
  crop: v.optional(extent),
  /** In the network's order. */
  channels: v.optional(v.picklist(['bgr', 'rgb', 'gray'])),
  /** Subtracted: numbers for the channels, or the file of an image (`.binaryproto`, `.npy`). */
  mean: v.optional(v.union([v.string(), list(number())])),
  /** Multiplied after the mean. */
  scale: v.optional(number()),
  /** Names of the classes: the file with one a line, or a list. */
  labels: v.optional(v.union([v.string(), list(v.string())])),
  /** How the faces that the network was trained on were brought into place. */
  faceAlign: v.optional(v.picklist(ALIGNMENTS)),
  /** The border that they had on each side, relative to the face; 0.35 unless given. */
  faceMargin: v.optional(number(-0.49)),
};

/** What {@link importFromCaffe} is asked. */
export const importCaffeRequest = v.strictObject({
  /** The network, as it is deployed. */
  prototxt: v.string(),
  /** Its weights. */
  caffemodel: v.string(),
  /** The `.onnx` model to write. */
  output: v.string(),
  ...preparation,
  /** N×C×H×W, where the file does not say, or another size is wanted. */
  inputShape: v.optional(inputShape),
  /** What to call outputs: `{ prob: 'gender', fc_age: 'age' }`. */
  name: v.optional(v.record(v.string(), v.string())),
  /** What the network is for, `age`: the output that answers is called so, whatever else there is. */
  target: v.optional(v.string()),
});

/** What {@link importFromCaffe} is asked; a field with a question mark may be left out. */
export type ImportCaffeRequest = v.InferInput<typeof importCaffeRequest>;

const preparationOfPhotos = v.strictObject({
  ...preparation,
  /** Divided by, for pixels from 0 to 255: one number for all channels or one each. */
  std: v.optional(list(number())),
});

/** How photos become the input of a network that is imported, and what its classes are called. */
export type Preparation = v.InferOutput<typeof preparationOfPhotos>;

/** What {@link importFromOnnx} is asked. What is not given stays as the file has it, if limn wrote it. */
export const importOnnxRequest = v.strictObject({
  /** The `.onnx` file. */
  model: v.string(),
  /** The `.onnx` model to write. */
  output: v.string(),
  ...preparationOfPhotos.entries,
  /** Weights of torchvision whose preparation holds where no other field says it: `ResNet50_Weights.IMAGENET1K_V2`. */
  preset: v.optional(v.string()),
  /** N×C×H×W, where the file leaves height and width open. */
  inputShape: v.optional(inputShape),
});

/** What {@link importFromOnnx} is asked; a field with a question mark may be left out. */
export type ImportOnnxRequest = v.InferInput<typeof importOnnxRequest>;

/** What {@link importFromHuggingFace} is asked. What is not given is as the folder's files say. */
export const importHuggingFaceRequest = v.strictObject({
  /** The folder, as the Hugging Face hub has it. */
  folder: v.string(),
  /** The `.onnx` model to write. */
  output: v.string(),
  /** The `.onnx` file within the folder; unless given `model.onnx`, `onnx/model.onnx`, or the only one. */
  file: v.optional(v.string()),
  ...preparationOfPhotos.entries,
});

/** What {@link importFromHuggingFace} is asked; a field with a question mark may be left out. */
export type ImportHuggingFaceRequest = v.InferInput<typeof importHuggingFaceRequest>;

/** What {@link importFromTfjs} is asked. What is not given is as Teachable Machine's metadata say, if there are any. */
export const importTfjsRequest = v.strictObject({
  /** The `model.json`; its files of weights are beside it. */
  model: v.string(),
  /** The `.onnx` model to write. */
  output: v.string(),
  /** Teachable Machine's `metadata.json`; that beside the model unless given, if there is one. */
  metadata: v.optional(v.string()),
  /** N×H×W×C, where a graph model leaves height and width open. */
  inputShape: v.optional(inputShape),
  ...preparationOfPhotos.entries,
});

/** What {@link importFromTfjs} is asked; a field with a question mark may be left out. */
export type ImportTfjsRequest = v.InferInput<typeof importTfjsRequest>;

/** What {@link importFromToolbox} is asked. */
export const importToolboxRequest = v.strictObject({
  /** The network as the LRP Toolbox writes it as text. */
  network: v.string(),
  /** The `.onnx` model to write. */
  output: v.string(),
  /** N×H×W×C, since the file does not say how large images are; unless given see `readToolboxNetwork` of limn/models. */
  inputShape: v.optional(inputShape),
  ...preparationOfPhotos.entries,
});

/** What {@link importFromToolbox} is asked; a field with a question mark may be left out. */
export type ImportToolboxRequest = v.InferInput<typeof importToolboxRequest>;

/** What {@link importFaceApi} is asked. */
export const importFaceApiRequest = v.strictObject({
  /** The folder to write into; there `face-api-age-gender.onnx`. */
  output: v.optional(v.string(), '.'),
  /** The weights and their manifest; those of the installed npm package unless given. */
  weights: v.optional(v.string()),
  manifest: v.optional(v.string()),
});

/** What {@link importFaceApi} is asked; a field with a question mark may be left out. */
export type ImportFaceApiRequest = v.InferInput<typeof importFaceApiRequest>;

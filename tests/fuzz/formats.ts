import type { Format } from './format.ts';
import { caffeFormats } from './formats/caffe.ts';
import { dataFormats } from './formats/data.ts';
import { modelFormats } from './formats/models.ts';
import { onnxFormats } from './formats/onnx.ts';
import { recordFormats } from './formats/records.ts';

/** Every kind of file that limn reads. */
export const formats: readonly Format[] = [
  ...caffeFormats,
  ...onnxFormats,
  ...modelFormats,
  ...dataFormats,
  ...recordFormats,
];

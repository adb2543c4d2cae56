import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { size } from '../../graph/index.ts';
import {
  AccuracyParameterSchema,
  HingeLossParameter_Norm,
  type LossParameter,
  LossParameterSchema,
  LossParameter_NormalizationMode as Mode,
} from '../generated/caffe_pb.ts';
import { blobAxis, fixedDims } from '../layers/axes.ts';
import type { Blob, Conversion, Converter } from '../layers/converter.ts';
import type { Normaliser } from './net.ts';
import { normaliserInput, type TrainingRecord } from './record.ts';

/** Layers whose first top counts in what is minimised even if no loss_weight says so. */
export const lossTypes: ReadonlySet<string> = new Set([
  'EuclideanLoss',
  'HingeLoss',
  'SigmoidCrossEntropyLoss',
  'SoftmaxWithLoss',
]);

/** Layers whose second bottom holds classes. */
export const labelTypes: ReadonlySet<string> = new Set(['Accuracy', 'HingeLoss', 'SoftmaxWithLoss']);

/** The mean of −log p over the labels, of softmax probabilities along an axis; a second top is the probabilities. */
export const softmaxWithLoss =
  (record: TrainingRecord): Converter =>
  (c) => {
    const [scores, labels] = c.bottoms;
    const axis = blobAxis(c.where, c.layer.softmaxParam?.axis ?? 1, scores.shape.length);
    const { classes, outer, inner } = placesOf(c, scores, axis);
    const ignored = ignoredOf(c.layer.lossParam);
    noteRange(record, c, labels, classes, ignored);
    const mode = normalisation(c.layer.lossParam, Mode.VALID);
    const divisor = normaliserInput(
      record,
      c,
      countingOf(record, c, labels, mode, { outer, inner }, ignored),
    );
    const sum = c.step('sum', 'limn.SoftmaxLoss', [scores.value, labels.value], {
      axis,
      ...(ignored !== undefined && { ignore: ignored }),
    });
    c.top(0, 'Div', [sum.value, divisor]);
    if (c.tops > 1) c.top(1, 'Softmax', [scores.value], { axis });
  };

/** The sum of cross entropies of sigmoids over a batch, divided by the images; a second top is the sigmoids. */
export const sigmoidCrossEntropyLoss =
  (record: TrainingRecord): Converter =>
  (c) => {
    const [scores, targets] = c.bottoms;
    const ignored = ignoredOf(c.layer.lossParam);
    const mode = normalisation(c.layer.lossParam, Mode.BATCH_SIZE);
    const places = { outer: 1, inner: size(fixedDims(c.where, scores.shape, 1)) };
    const divisor = normaliserInput(record, c, countingOf(record, c, targets, mode, places, ignored));
    const sum = c.step('sum', 'limn.SigmoidLoss', [scores.value, targets.value], {
      ...(ignored !== undefined && { ignore: ignored }),
    });
    c.top(0, 'Div', [sum.value, divisor]);
    if (c.tops > 1) c.top(1, 'Sigmoid', [scores.value]);
  };

/** ½ Σ (a − b)², divided by the images. */
export const euclideanLoss =
  (record: TrainingRecord): Converter =>
  (c) =>
    perImage(record, c, 'limn.EuclideanLoss');

/** Σ of margins, or of their squares, divided by the images. */
export const hingeLoss =
  (record: TrainingRecord): Converter =>
  (c) => {
    const [scores, labels] = c.bottoms;
    noteRange(record, c, labels, size(fixedDims(c.where, scores.shape, 1)), undefined);
    const norm = c.layer.hingeLossParam?.norm === HingeLossParameter_Norm.L2 ? 2 : 1;
    perImage(record, c, 'limn.HingeLoss', { norm });
  };

/** The share of labels that are right. */
export const accuracy =
  (record: TrainingRecord): Converter =>
  (c) => {
    const [scores, labels] = c.bottoms;
    const p = c.layer.accuracyParam;
    const axis = blobAxis(c.where, p?.axis ?? 1, scores.shape.length);
    const { classes, outer, inner } = placesOf(c, scores, axis);
    const ignored = p && isFieldSet(p, AccuracyParameterSchema.field.ignoreLabel) ? p.ignoreLabel : undefined;
    noteRange(record, c, labels, classes, ignored);
    const counting = countingOf(record, c, labels, Mode.VALID, { outer, inner }, ignored);
    const divisor = normaliserInput(record, c, counting);
    const right = c.step('correct', 'limn.Correct', [scores.value, labels.value], {
      axis,
      top_k: p?.topK ?? 1,
      ...(ignored !== undefined && { ignore: ignored }),
    });
    c.result('Div', [right.value, divisor]);
  };

function perImage(record: TrainingRecord, c: Conversion, op: string, attributes = {}): void {
  const counting: Omit<Normaliser, 'name'> = {
    label: undefined,
    ignored: undefined,
    by: 'batch',
    perImage: 1,
  };
  const divisor = normaliserInput(record, c, counting);
  const sum = c.step('sum', op, [c.bottoms[0].value, c.bottoms[1].value], attributes);
  c.result('Div', [sum.value, divisor]);
}

/** Scores per label, and labels per image, before and behind the axis. */
function placesOf(c: Conversion, scores: Blob, axis: number) {
  if (axis === 0) fail(c.where, 'axis 0 is the batch', 'classes lie on axis 1 or later');
  const dims = fixedDims(c.where, scores.shape, 1);
  return { classes: dims[axis - 1], outer: size(dims.slice(0, axis - 1)), inner: size(dims.slice(axis)) };
}

const ignoredOf = (p: LossParameter | undefined): number | undefined =>
  p && isFieldSet(p, LossParameterSchema.field.ignoreLabel) ? p.ignoreLabel : undefined;

/** `normalization`, or what the older `normalize` means. */
function normalisation(p: LossParameter | undefined, usual: Mode): Mode {
  if (!p) return usual;
  const { normalization, normalize } = LossParameterSchema.field;
  if (isFieldSet(p, normalization)) return p.normalization;
  if (isFieldSet(p, normalize)) return p.normalize ? Mode.VALID : Mode.BATCH_SIZE;
  return usual;
}

/** By what Caffe divides. Its batch size is everything before the axis of the classes. */
function countingOf(
  record: TrainingRecord,
  c: Conversion,
  labels: Blob,
  mode: Mode,
  { outer, inner }: { readonly outer: number; readonly inner: number },
  ignored: number | undefined,
): Omit<Normaliser, 'name'> {
  const none = { label: undefined, ignored: undefined };
  if (mode === Mode.NONE) return { ...none, by: 'one', perImage: 1 };
  if (mode === Mode.BATCH_SIZE) {
    return outer === 1 ? { ...none, by: 'batch', perImage: 1 } : { ...none, by: 'labels', perImage: outer };
  }
  const perImage = outer * inner;
  if (mode === Mode.FULL || ignored === undefined) return { ...none, by: 'labels', perImage };
  if (!record.data.has(labels.value)) {
    const fix = 'take labels from a data layer, or use normalization: FULL';
    fail(c.where, `labels that count cannot be counted in '${labels.value}', which a layer makes`, fix);
  }
  return { label: labels.value, ignored, by: 'labels', perImage };
}

function noteRange(
  record: TrainingRecord,
  c: Conversion,
  labels: Blob,
  classes: number,
  ignored: number | undefined,
): void {
  if (!record.data.has(labels.value)) return;
  record.ranges.push({ label: labels.value, classes, ignored, layer: c.layer.name });
}

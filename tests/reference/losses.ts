import { at, build, count, indices, map, type NdArray } from './array.ts';
import { softmax } from './normalisation.ts';

/** A loss and its derivative by each of its inputs (undefined for labels), by their definitions in float64. */
export interface LossReference {
  readonly value: number;
  readonly derivatives: readonly (NdArray | undefined)[];
}

/** FLT_MIN. */
const least = 1.1754943508222875e-38;

/** Caffe's SoftmaxWithLoss without normalisation: labels lie where the scores have their positions, in row-major order. */
export function softmaxLoss(scores: NdArray, labels: NdArray, axis: number, ignore?: number): LossReference {
  const most = build(scores.shape, (index) =>
    Math.max(...Array.from({ length: scores.shape[axis] }, (_, i) => at(scores, index.with(axis, i)))),
  );
  const shifted = { ...scores, data: scores.data.map((x, i) => x - most.data[i]) };
  const p = softmax(shifted, axis);
  const derivative = map(p, (x) => x);
  const places = indices(scores.shape.with(axis, 1));
  let value = 0;
  places.forEach((place, i) => {
    const label = labels.data[i];
    if (label !== ignore) value -= Math.log(Math.max(at(p, place.with(axis, label)), least));
    for (let k = 0; k < scores.shape[axis]; k++) {
      const flat = indices(scores.shape).findIndex((index) => index.join() === place.with(axis, k).join());
      if (label === ignore) derivative.data[flat] = 0;
      else if (k === label) derivative.data[flat] -= 1;
    }
  });
  return { value, derivatives: [derivative, undefined] };
}

/** Caffe's SigmoidCrossEntropyLoss without normalisation, in its formula that does not overflow. */
export function sigmoidLoss(scores: NdArray, targets: NdArray, ignore?: number): LossReference {
  const derivative = map(scores, () => 0);
  let value = 0;
  scores.data.forEach((x, i) => {
    const t = targets.data[i];
    if (Math.trunc(t) === ignore) return;
    const positive = x >= 0 ? 1 : 0;
    value -= x * (t - positive) - Math.log1p(Math.exp(x - 2 * x * positive));
    derivative.data[i] = (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))) - t;
  });
  return { value, derivatives: [derivative, undefined] };
}

/** Caffe's HingeLoss without normalisation. */
export function hingeLoss(scores: NdArray, labels: NdArray, norm: number): LossReference {
  const classes = count(scores.shape.slice(1));
  const derivative = map(scores, () => 0);
  let value = 0;
  scores.data.forEach((x, i) => {
    const sign = i % classes === labels.data[Math.floor(i / classes)] ? -1 : 1;
    const margin = Math.max(0, 1 + sign * x);
    value += norm === 1 ? margin : margin ** 2;
    derivative.data[i] = sign * (norm === 1 ? Math.sign(margin) : 2 * margin);
  });
  return { value, derivatives: [derivative, undefined] };
}

/** Caffe's EuclideanLoss without normalisation. */
export function euclideanLoss(a: NdArray, b: NdArray): LossReference {
  const apart = { ...a, data: a.data.map((x, i) => x - b.data[i]) };
  return {
    value: apart.data.reduce((sum, d) => sum + d ** 2, 0) / 2,
    derivatives: [apart, { shape: b.shape, data: apart.data.map((d) => -d) }],
  };
}

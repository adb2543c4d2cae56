import type { Operator } from '../operator.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';
import { numbersOf, stridesOf } from '../value.ts';

/** y = eˣ/Σ eˣ along an axis. */
export const softmax: Operator = {
  op: 'Softmax',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'softmax' }),
  nonNegative: () => true,
  link: 'softmax',
  gate: () => true,
  evaluate(site, [x]) {
    const data = x && numbersOf(x);
    if (!data) return undefined;
    const axis = softmaxAxis(site);
    const [length, step] = [x.shape[axis], stridesOf(x.shape)[axis]];
    const made = new Array<number>(data.length);
    for (let first = 0; first < data.length; first++) {
      if (Math.floor(first / step) % length !== 0) continue;
      const row = Array.from({ length }, (_, i) => first + i * step);
      const largest = row.reduce((most, i) => Math.max(most, data[i]), Number.NEGATIVE_INFINITY);
      const sum = row.reduce((total, i) => total + Math.exp(data[i] - largest), 0);
      for (const i of row) made[i] = Math.exp(data[i] - largest) / sum;
    }
    return [{ shape: x.shape, data: made }];
  },
  // dx = y·(dy − Σ dy·y).
  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const [y] = site.node.outputs;
    const total = b.op('ReduceSum', [b.op('Mul', [dy, y]), b.ints(softmaxAxis(site))], { keepdims: 1 });
    return b.op('Mul', [y, b.op('Sub', [dy, total])]);
  },
};

/** y = x − log Σ eˣ along an axis. */
export const logSoftmax: Operator = {
  op: 'LogSoftmax',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'softmax' }),
  link: 'log-softmax',
  // dx = dy − eʸ·Σ dy.
  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const total = b.op('ReduceSum', [dy, b.ints(softmaxAxis(site))], { keepdims: 1 });
    return b.op('Sub', [dy, b.op('Mul', [b.op('Exp', [site.node.outputs[0]]), total])]);
  },
  // ONNX Runtime's WebGPU provider has no LogSoftmax.
  lower(b, site) {
    const axes = b.ints(softmaxAxis(site));
    const shifted = b.op('Sub', [site.input(0), b.op('ReduceMax', [site.input(0), axes], { keepdims: 1 })]);
    const sum = b.op('ReduceSum', [b.op('Exp', [shifted]), axes], { keepdims: 1 });
    return b.op('Sub', [shifted, b.op('Log', [sum])]);
  },
};

const softmaxAxis = (site: Site): number => axisOf(site, site.int('axis', -1), site.shape(0).length);

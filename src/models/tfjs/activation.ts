import { float, float32 } from '../../graph/index.ts';
import type { TfBuilder } from './builder.ts';
import type { TfValue } from './values.ts';

type Activation = (b: TfBuilder, x: TfValue) => TfValue;

const plain =
  (op: string): Activation =>
  (b, x) =>
    b.elementwise(op, x);

const relu6: Activation = (b, x) => b.elementwise('Clip', x, {}, float32([], [0]), float32([], [6]));

const swish: Activation = (b, x) => b.binary('Mul', x, b.elementwise('Sigmoid', x));

/** Activations by the names that Keras' layers and TensorFlow's fused operations have for them. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: plain('Relu'),
  relu6,
  elu: plain('Elu'),
  selu: plain('Selu'),
  sigmoid: plain('Sigmoid'),
  tanh: plain('Tanh'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  softmax: (b, x) => b.softmax(x),
  swish,
  silu: swish,
  mish: plain('Mish'),
  gelu: plain('Gelu'),
  // TensorFlow.js has Keras' former one: 0.2·x + 0.5, between 0 and 1.
  hardSigmoid: (b, x) => b.elementwise('HardSigmoid', x, { alpha: float(0.2), beta: float(0.5) }),
};

/** The names of activations that can be converted. */
export const activationNames: readonly string[] = Object.keys(activations).sort();

const plainName = (name: string): string => name.replaceAll('_', '').toLowerCase();
const byName = new Map(Object.entries(activations).map(([name, make]) => [plainName(name), make]));

/** Whether an activation of this name can be converted, `hard_sigmoid` as well as `HardSigmoid`. */
export const isActivation = (name: string): boolean => byName.has(plainName(name));

/** The activation of this name. Errors: an unknown one. */
export function activate(b: TfBuilder, name: string, x: TfValue): TfValue {
  const found = byName.get(plainName(name));
  return found ? found(b, x) : b.fail(`the activation '${name}' is not supported`);
}

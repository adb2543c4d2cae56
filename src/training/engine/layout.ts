import type { Parameter, TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { size } from '../../graph/index.ts';

/** Where a parameter lies among all of them. */
export interface Placed {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its first element, and the one after its last. */
  readonly from: number;
  readonly to: number;
  readonly rateFactor: number;
  readonly decayFactor: number;
}

/** All parameters one after another, as they lie in memory: those that are trained first. */
export interface Layout {
  readonly parameters: readonly Placed[];
  /** Elements in all. */
  readonly length: number;
  /** Elements of what is trained. */
  readonly trained: number;
}

/** Parameters begin at multiples of 64 bytes, where vector instructions and caches like them. */
const alignment = 16;

/**
 * Lays out the parameters of the net that is trained, and those that only a test net has. Errors: nets that give one
 * parameter two shapes.
 */
export function layOut(train: TrainingNet, tests: readonly TrainingNet[]): Layout {
  const all = new Map<string, Parameter>();
  for (const net of [train, ...tests]) {
    for (const parameter of net.parameters) {
      const known = all.get(parameter.name);
      if (known && String(known.shape) !== String(parameter.shape)) {
        fail(
          `parameter '${parameter.name}'`,
          `is [${known.shape}] in training and [${parameter.shape}] in the test net '${net.name}'`,
        );
      }
      if (!known) all.set(parameter.name, net === train ? parameter : { ...parameter, rateFactor: 0 });
    }
  }
  const trainable = [...all.values()].filter(({ rateFactor }) => rateFactor !== 0);
  const fixed = [...all.values()].filter(({ rateFactor }) => rateFactor === 0);
  const parameters: Placed[] = [];
  let at = 0;
  let trained = 0;
  for (const { name, shape, rateFactor, decayFactor } of [...trainable, ...fixed]) {
    const to = at + size(shape);
    parameters.push({ name, shape, from: at, to, rateFactor, decayFactor });
    at = Math.ceil(to / alignment) * alignment;
    if (parameters.length === trainable.length) trained = at;
  }
  return { parameters, length: at, trained };
}

/** The parameters' own pieces of an array that is laid out so, by name. */
export function pieces({ parameters }: Layout, whole: Float32Array): Map<string, Float32Array> {
  return new Map(parameters.map(({ name, from, to }) => [name, whole.subarray(from, to)]));
}

/** The `part`-th of `parts` ranges, about equally long, of what is trained. */
export function share(layout: Layout, part: number, parts: number): readonly [from: number, to: number] {
  const blocks = layout.trained / alignment;
  const start = (i: number) => Math.floor((blocks * i) / parts) * alignment;
  return [start(part), start(part + 1)];
}

import { fail } from '../common/error.ts';
import { float32, size, type Tensor } from '../graph/index.ts';
import type { LayerWeights } from './caffemodel.ts';
import type { WeightSource } from './convert.ts';
import type { LayerParameter } from './generated/caffe_pb.ts';
import type { Conversion } from './layers/converter.ts';

/** The most values that a weight blob can have: 2 GiB of float32. */
const maxCount = 2 ** 29;

/** Gives layers their weights and remembers every one that is missing or does not fit, for one error in the end. */
export class WeightStore implements WeightSource {
  readonly #weights: ReadonlyMap<string, LayerWeights> | undefined;
  readonly #file: string;
  readonly #problems = new Map<string, string>();
  readonly #taken = new Map<string, number>();
  /** What stands for weights that were not given: zeros, all views of the same memory. */
  #zeros = new Float32Array(0);

  constructor(weights: ReadonlyMap<string, LayerWeights> | undefined, file: string) {
    this.#weights = weights;
    this.#file = file;
  }

  /** The i-th blob of a layer as a constant. */
  value(c: Conversion, i: number, role: string, shape: readonly number[], as: readonly number[]): string {
    return c.constant(role, float32(as, this.take(c.layer, i, shape).data));
  }

  /** The i-th blob of a layer in the given shape; zeros where it is missing or does not fit. */
  take(layer: LayerParameter, i: number, shape: readonly number[]): Tensor<'float32'> {
    if (size(shape) > maxCount) {
      const what = `layer '${layer.name}': blob ${i} [${shape}] would have more than ${maxCount} values`;
      fail(this.#file, what, 'check the sizes in the network');
    }
    this.#taken.set(layer.name, Math.max(i + 1, this.#taken.get(layer.name) ?? 0));
    if (!this.#weights) return this.#zero(shape);
    const given = this.#weights.get(layer.name)?.blobs[i];
    if (!given) {
      this.#problem(layer.name, `blob ${i} [${shape}] is missing`);
    } else if (!sameBlobShape(given.shape, shape)) {
      this.#problem(layer.name, `blob ${i} is [${given.shape}], the network needs [${shape}]`);
    } else {
      const bad = given.data.findIndex((x) => !Number.isFinite(x));
      if (bad < 0) return float32(shape, given.data);
      this.#problem(layer.name, `blob ${i} holds ${given.data[bad]} at element ${bad}`);
    }
    return this.#zero(shape);
  }

  /** Throws one error about all layers whose weights are missing, misshapen, not finite, or more than they need. */
  check(layers: readonly LayerParameter[]): void {
    const given = (layer: LayerParameter) => this.#weights?.get(layer.name)?.blobs.length ?? 0;
    for (const layer of layers) {
      const taken = this.#taken.get(layer.name) ?? 0;
      if (given(layer) > taken) {
        this.#problem(layer.name, `${given(layer)} blobs are given, the network needs ${taken}`);
      }
    }
    if (this.#problems.size === 0) return;
    const list = [...this.#problems].map(([layer, problem]) => `layer '${layer}': ${problem}`).join(' · ');
    const foreign = layers.every((layer) => given(layer) === 0);
    const fix = foreign
      ? 'these weights belong to another network'
      : 'pass the weights that go with this prototxt';
    fail(this.#file, list, fix);
  }

  #problem(layer: string, problem: string): void {
    const other = this.#problems.get(layer);
    this.#problems.set(layer, other ? `${other}, ${problem}` : problem);
  }

  #zero(shape: readonly number[]): Tensor<'float32'> {
    const count = size(shape);
    if (this.#zeros.length < count) this.#zeros = new Float32Array(count);
    return float32(shape, this.#zeros.subarray(0, count));
  }
}

/**
 * Whether a blob has the shape that a layer needs, however ones are placed in it: Caffe's older files pad shapes to four
 * axes, and forks write C values as C, 1×C or 1×C×1×1.
 */
export function sameBlobShape(given: readonly number[], needed: readonly number[]): boolean {
  if (trim(given) === trim(needed)) return true;
  const [a, b] = [given.filter((dim) => dim !== 1), needed.filter((dim) => dim !== 1)];
  return a.length === 1 && b.length === 1 && a[0] === b[0];
}

/** A shape without its leading ones. */
function trim(shape: readonly number[]): string {
  const first = shape.findIndex((n) => n !== 1);
  return first < 0 ? '' : shape.slice(first).join();
}

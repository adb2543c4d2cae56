import { fillUniform, nameHash } from '../common/random.ts';
import type { ScalarMap } from '../image/index.ts';
import { extremes, type NetworkPhoto } from './replacement.ts';

/** How far copies of a photo go from it: so much of its range, max − min, in every number. */
const RADIUS = 0.02;

/** Copies of a photo with uniform noise of up to 2 % of its range, C×H×W each; they depend on the seed and the photo alone. */
export function nearby({ data, index }: NetworkPhoto, samples: number, seed: number): Float32Array[] {
  const [low, high] = extremes(data);
  const radius = RADIUS * (high - low);
  return Array.from({ length: samples }, (_, sample) => {
    const copy = new Float32Array(data.length);
    fillUniform(copy, seed, nameHash(`near ${index} ${sample}`), -radius, radius);
    for (let i = 0; i < copy.length; i++) copy[i] += data[i];
    return copy;
  });
}

/** How a map changes with the photo. */
export interface Robustness {
  /** Max-sensitivity (Yeh et al. 2019): the largest ‖R′ − R‖ / ‖R‖ over the copies. */
  readonly maxSensitivity: number;
  /**
   * The local Lipschitz estimate (Alvarez-Melis and Jaakkola 2018, "On the Robustness of Interpretability Methods"): the
   * largest ‖R′ − R‖ / ‖x′ − x‖, of maps and photos divided by ‖R‖ and ‖x‖, so that methods and networks can be compared.
   */
  readonly lipschitz: number;
}

/** NaN for a map or photo of zeros. */
export function robustness(
  map: ScalarMap,
  photo: Float32Array,
  near: readonly { readonly map: ScalarMap; readonly photo: Float32Array }[],
): Robustness {
  const changes = near.map((each) => ({
    map: distance(map.data, each.map.data) / norm(map.data),
    photo: distance(photo, each.photo) / norm(photo),
  }));
  return {
    maxSensitivity: Math.max(...changes.map((each) => each.map)),
    lipschitz: Math.max(...changes.map((each) => each.map / each.photo)),
  };
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

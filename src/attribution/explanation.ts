import type { Tensor } from '../graph/index.ts';
import type { Balance } from '../relevance/index.ts';
import type { ResolvedTarget } from './resolve.ts';

/** Whether relevance adds up, for one image: without error, both numbers are equal. */
export interface Completeness {
  /** The sum of all relevance. */
  readonly attributed: number;
  /** The explained score at the input minus that at the baseline. */
  readonly difference: number;
}

/** What an explanation is and how it was made; plain data. */
export interface Description {
  readonly method: string;
  /** The output that was explained. */
  readonly head: string;
  /**
   * The method's parameters, defaults included; for LRP the composite's name and the parameters that were given:
   * those of its rules are in `rules`.
   */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** What the backward pass did where, as people read it; absent where there is none. */
  readonly rules?: string;
  /** The SHA-256 of these rules: see `compositeHash`. */
  readonly hash?: string;
}

/** A batch, explained. */
export interface Explanation {
  /** Class scores before softmax, N×K. */
  readonly scores: Tensor<'float32'>;
  /** The head's own output: probabilities, or a number. */
  readonly output: Tensor<'float32'>;
  /** Relevance at the network's input, in its shape N×C×H×W. */
  readonly relevance: Tensor<'float32'>;
  /** Relevance at the outputs of the layers asked for, by name. */
  readonly layers: Readonly<Record<string, Tensor<'float32'>>>;
  /** What was explained in each image, by class index. */
  readonly targets: readonly ResolvedTarget[];
  /** The conservation report of each image, if asked for. */
  readonly conservation?: readonly (readonly Balance[])[];
  /** Whether relevance adds up, per image: of methods that share the difference from a baseline. */
  readonly completeness?: readonly Completeness[];
  readonly description: Description;
}

/** Whether a method's values are shares of the explained score, so that their sum says what became of it. */
export const sharesScore = ({ method, parameters }: Description): boolean =>
  (method === 'lrp' && parameters.start === 'score') || method === 'gradient-x-input';

/** A description in one line: `lrp: composite iccv2017, variant corrected, from the score`. */
export function summary({ method, parameters }: Description): string {
  const parts = Object.entries(parameters).map(([name, value]) =>
    name === 'start' ? `from ${value === 'one' ? 'one' : `the ${value}`}` : `${name} ${value}`,
  );
  return parts.length > 0 ? `${method}: ${parts.join(', ')}` : method;
}

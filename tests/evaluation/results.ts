import type { ResultSource } from '../../src/evaluation/comparison/index.ts';
import type { Answer } from '../../src/evaluation/result.ts';
import type { Head } from '../../src/graph/index.ts';

/** One image for {@link result}: what it is, and what is said of it. */
export interface Given {
  readonly image?: string;
  readonly truth?: number;
  readonly said: number;
  readonly person?: string;
  readonly fold?: string;
  readonly groups?: Record<string, string>;
}

export interface About {
  readonly name?: string;
  readonly target?: string;
  readonly kind?: Head['kind'];
  readonly ordered?: boolean;
  readonly classes?: number;
  readonly place?: Record<string, string>;
  readonly settings?: Record<string, string | number | boolean>;
  readonly data?: string;
}

/** A result as an evaluation makes it: images are numbered, and of class 0 unless said otherwise. */
export function result(given: readonly Given[], about: About = {}): ResultSource {
  const { name = 'net', target = 'age', kind = 'classes', ordered = false, classes = 4, place = {} } = about;
  const answers = given.map(
    ({ image, truth = 0, said, person, fold, groups = {} }, i): Answer => ({
      image: image ?? `${i}.jpg`,
      truth,
      scores:
        kind === 'number' ? [said] : Array.from({ length: classes }, (_, c) => (c === said ? 0.7 : 0.1)),
      ...(person !== undefined && { person }),
      ...(fold !== undefined && { fold }),
      groups,
    }),
  );
  return {
    source: `results/${name}`,
    info: {
      name,
      model: {
        network: name,
        file: `${name}.onnx`,
        sha256: '0'.repeat(64),
        head: { name: target, output: 'prob', kind },
      },
      data: { source: 'list.txt', sha256: about.data ?? 'd'.repeat(64), images: answers.length },
      settings: about.settings ?? {},
      ordered,
      place,
      versions: {},
    },
    answers,
  };
}

/** Repeats an image: `times(3, { said: 0 })`. */
export const times = (n: number, given: Given): Given[] => Array.from({ length: n }, () => given);

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

import { shuffled } from '../../src/data/index.ts';

/** A photo of a face and what is said of it. */
export interface Face {
  readonly path: string;
  /** Years, as the collection has them. */
  readonly age: string;
  /** Adience's class of that age, 0–7; undefined between classes. */
  readonly ageClass: number | undefined;
  /** 0 male, 1 female: the collection's binary annotation. */
  readonly gender: number;
  readonly race: string;
}

export type Part = 'train' | 'val' | 'test';

/**
 * Splits photos into parts, a fifth for testing and a tenth to watch the training by, within each age class of each
 * gender, so that all parts are alike. It is a split by image: where nobody says whose face it is, other photos of a
 * person may be in another part.
 */
export function split(faces: readonly Face[], seed: number): Record<Part, Face[]> {
  const strata = new Map<string, Face[]>();
  for (const face of faces) {
    const key = `${face.gender} ${face.ageClass ?? 'between'}`;
    strata.set(key, [...(strata.get(key) ?? []), face]);
  }
  const parts: Record<Part, Face[]> = { train: [], val: [], test: [] };
  for (const [i, key] of [...strata.keys()].sort().entries()) {
    const order = shuffled(strata.get(key)!, seed, i);
    const test = Math.round(order.length / 5);
    const val = Math.floor(order.length / 10);
    parts.test.push(...order.slice(0, test));
    parts.val.push(...order.slice(test, test + val));
    parts.train.push(...order.slice(test + val));
  }
  return parts;
}

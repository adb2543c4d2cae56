import { fail } from '../../common/error.ts';
import type { Answer } from '../result.ts';
import type { PooledResult } from './entries.ts';

/** The images of several entries side by side. */
export interface ComparedImages {
  readonly count: number;
  /** answers[entry][image], undefined where the entry lacks the image. */
  readonly answers: readonly (readonly (Answer | undefined)[])[];
  /** Whose face an image shows, as a number: images of no known person have one of their own. */
  readonly cluster: Int32Array;
  readonly clusters: number;
  /** Whether two images show one person, so that images are not independent. */
  readonly byPerson: boolean;
}

/**
 * Aligns entries by their images' names; the aligned and the unaligned file of one Adience face count as one image.
 * Errors: an image with two labels.
 */
export function alignImages(entries: readonly PooledResult[]): ComparedImages {
  const keys = imageKeys(entries);
  const indices = new Map<string, number>();
  for (const each of keys) for (const key of each) if (!indices.has(key)) indices.set(key, indices.size);
  const count = indices.size;
  const labels = new Array<{ truth: number; by: PooledResult } | undefined>(count);
  const persons = new Array<string | undefined>(count);
  const answers = entries.map((entry, e) => {
    const row = new Array<Answer | undefined>(count).fill(undefined);
    entry.answers.forEach((answer, i) => {
      const index = indices.get(keys[e][i])!;
      labels[index] ??= { truth: answer.truth, by: entry };
      const label = labels[index];
      if (label.truth !== answer.truth) {
        fail(
          sourceOf(entry),
          `${answer.image} is labelled ${answer.truth}, in ${sourceOf(label.by)} ${label.truth}`,
          'evaluate both on the same labels',
        );
      }
      persons[index] ??= answer.person;
      row[index] = answer;
    });
    return row;
  });
  return { count, answers, ...clustersOf(persons) };
}

const sourceOf = ({ sources }: PooledResult): string => sources[0].source;

function clustersOf(
  persons: readonly (string | undefined)[],
): Pick<ComparedImages, 'cluster' | 'clusters' | 'byPerson'> {
  const numbers = new Map<string, number>();
  let clusters = 0;
  const cluster = Int32Array.from(persons, (person) => {
    const known = person === undefined ? undefined : numbers.get(person);
    if (known !== undefined) return known;
    if (person !== undefined) numbers.set(person, clusters);
    return clusters++;
  });
  return { cluster, clusters, byPerson: clusters < persons.length };
}

/** What finds an image again in other entries; an image that an entry has twice is numbered. */
function imageKeys(entries: readonly PooledResult[]): string[][] {
  const names = entries.map(({ answers }) => answers.map(({ image }) => image));
  const faces = names.map((each) => each.map(faceOf));
  // A list that holds both files of a face must tell them apart.
  const merges = faces.some((each, e) => new Set(each).size < new Set(names[e]).size);
  return (merges ? names : faces).map((each) => {
    const seen = new Map<string, number>();
    return each.map((name) => {
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return times === 1 ? name : `${name}\n${times}`;
    });
  });
}

/** `…/USER/landmark_aligned_face.FACE.ORIGINAL` and `…/USER/coarse_tilt_aligned_face.FACE.ORIGINAL` are one face. */
const faceOf = (image: string): string =>
  image.replace(/^(?:.*\/)?([^/]+\/)(?:landmark|coarse_tilt)_aligned_face\.(?=[^/]+$)/, '$1');

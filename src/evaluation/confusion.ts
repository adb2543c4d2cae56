import { argmax } from '../classifier/rank.ts';

import type { Answer } from './result.ts';

/** Counts of images: `confusion[label][prediction]`. */
export type Confusion = readonly (readonly number[])[];

/** Which images were taken for what: true labels in rows, predictions in columns. */
export function confusionOf(answers: readonly Answer[], classes: number): Confusion {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, scores } of answers) counts[truth][argmax(scores)]++;
  return counts;
}

/** With rows and columns exchanged: the original evaluation writes predictions in rows, labels in columns. */
export const transposed = (confusion: Confusion): Confusion =>
  confusion.map((_, i) => confusion.map((row) => row[i]));

/** All counts of confusions over the same classes added up. */
export const summed = (all: readonly Confusion[]): Confusion =>
  all[0].map((row, i) => row.map((_, j) => all.reduce((sum, each) => sum + each[i][j], 0)));

/** How well one class is told from the others. What would divide by zero is undefined. */
export interface ClassMeasures {
  /** Images of the class, and images taken for it. */
  readonly images: number;
  readonly predicted: number;
  /** Of the images taken for it, the share that is of it. */
  readonly precision?: number;
  /** Of its images, the share taken for it. */
  readonly recall?: number;
  /** 2 tp / (2 tp + fp + fn): the harmonic mean of both. */
  readonly f1?: number;
}

/** Precision, recall, F1 and sizes of every class of a confusion matrix. */
export function classMeasures(confusion: Confusion): ClassMeasures[] {
  return confusion.map((row, i) => {
    const hits = row[i];
    const images = row.reduce((sum, n) => sum + n, 0);
    const taken = confusion.reduce((sum, other) => sum + other[i], 0);
    return {
      images,
      predicted: taken,
      ...(taken > 0 && { precision: hits / taken }),
      ...(images > 0 && { recall: hits / images }),
      ...(images + taken > 0 && { f1: (2 * hits) / (images + taken) }),
    };
  });
}

import type { Head, Node, Shape } from '../graph/index.ts';

/** A graph output with what is known of it. */
export interface HeadOutput {
  readonly name: string;
  readonly shape: Shape;
  /** What makes it; undefined for an input that is passed on. */
  readonly node: Node | undefined;
}

/**
 * The outputs that mean something, the one that a network is about first: probabilities before other scores, deep
 * ones before shallow ones (an auxiliary head comes after the main one). One value per image is a number, several
 * are classes. Outputs with a place for every pixel are maps, not heads.
 */
export function headsOf(outputs: readonly HeadOutput[]): Head[] {
  const deepest = [...outputs].reverse().filter(({ shape }) => shape.slice(2).every((dim) => dim === 1));
  const isSoftmax = ({ node }: HeadOutput) => node?.op === 'Softmax';
  const ordered = [...deepest.filter(isSoftmax), ...deepest.filter((output) => !isSoftmax(output))];
  return ordered.map((output): Head => {
    const isNumber = !isSoftmax(output) && (output.shape[1] ?? 1) === 1;
    return { name: output.name, output: output.name, kind: isNumber ? 'number' : 'classes' };
  });
}

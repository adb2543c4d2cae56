import { copyWith, type SolverParameter, SolverParameterSchema } from '../caffe/index.ts';
import { fail } from '../common/error.ts';

/** How long a network of the paper is trained: as its solver file says, or as its published weights were. */
export type Schedule = 'as-committed' | 'paper';

/**
 * Iterations of the published weights, by the network's part in a definition's name: `age_net_definitions` is AdienceNet. The
 * committed solvers stop after 950 to 2,400: they are later runs that were made to look at early progress.
 */
const published: readonly (readonly [part: RegExp, iterations: number])[] = [
  [/_net_definitions/, 50_000],
  [/_caffereference/, 50_000],
  [/_googlenet/, 170_000],
  [/_vgg16/, 125_000],
];

/** The iterations that the published weights of a definition took; twice as many on the mixed crops. Undefined for others. */
export function publishedIterations(definition: string): number | undefined {
  const [, iterations] = published.find(([part]) => part.test(definition)) ?? [];
  return iterations && (/_mixed$/.test(definition) ? 2 * iterations : iterations);
}

/**
 * A solver under a schedule. `definition` is the name of the folder that it lies in, by which the paper's networks are told apart.
 * Errors: the paper's schedule for a network that is none of its own.
 */
export function scheduled(solver: SolverParameter, schedule: Schedule, definition: string): SolverParameter {
  if (schedule === 'as-committed') return solver;
  const maxIter =
    publishedIterations(definition) ??
    fail(
      definition,
      "no network of the paper has this name, so there is no 'paper' schedule for it",
      "take 'as-committed' and give max_iter",
    );
  return copyWith(SolverParameterSchema, solver, { maxIter });
}

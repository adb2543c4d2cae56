import { openRunner, type RunnerOptions } from '../classifier/index.ts';
import { fail } from '../common/error.ts';
import type { Model, Tensor } from '../graph/index.ts';
import { type Image, type Point, preprocess } from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import type { Box, Detection } from './box.ts';

/** What a network of a cascade says of a box. */
export interface FaceCandidate extends Detection {
  /** By how much its left, top, right and bottom move, in fractions of its sides. */
  readonly offsets: readonly number[];
  /** Five landmarks in fractions of the box; none unless the network finds them. */
  readonly landmarks?: readonly Point[];
}

/** What a network says of squares: N×C, or N×C×H×W where it looks at every cell of them. */
export interface CascadeAnswer {
  readonly scores: Tensor<'float32'>;
  readonly offsets: Tensor<'float32'>;
  readonly landmarks?: Tensor<'float32'> | undefined;
}

/** A network of a cascade that is loaded. */
export interface CascadeStage {
  /** Pixels on a side of what it looks at. */
  readonly side: number;
  run(squares: readonly Image[]): Promise<CascadeAnswer>;
  release(): Promise<void>;
}

export type OpenStageOptions = RunnerOptions & {
  readonly runtime: Runtime;
  /** What errors call the network. */
  readonly role: string;
  /** Whether it has to find landmarks. */
  readonly landmarks: boolean;
};

/** Loads a network of a cascade. Errors: other outputs than such a network has; as of the runtime's `load`. */
export async function openStage(
  { graph, info }: Model,
  { runtime, role, landmarks: findsLandmarks, ...options }: OpenStageOptions,
): Promise<CascadeStage> {
  const counts = findsLandmarks ? [2, 4, 10] : [2, 4];
  const names = counts.map((count) => {
    const found = graph.outputs.find(({ shape }) => shape[1] === count);
    const has = graph.outputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
    return (
      found?.name ?? fail(role, `it has no output of ${count} values`, `a face detector's; it has ${has}`)
    );
  });
  const runner = await openRunner(graph, runtime, options);
  return {
    side: Number(graph.inputs[0].shape[2]),
    async run(squares) {
      const answers = await runner.run(preprocess(squares, info.preprocessing!), names);
      const [scores, offsets, landmarks] = names.map((name) => answers[name]);
      return { scores, offsets, landmarks };
    },
    release: () => runner.release(),
  };
}

/** What was said of a cell of a square, which is this box. */
export function candidateAt(
  { scores, offsets, landmarks }: CascadeAnswer,
  [square, cell]: readonly [square: number, cell: number],
  box: Box,
): FaceCandidate {
  const values = ({ shape: [, channels, height = 1, width = 1], data }: Tensor<'float32'>) =>
    Array.from({ length: channels }, (_, i) => data[(square * channels + i) * height * width + cell]);
  const points = landmarks && values(landmarks);
  return {
    box,
    score: values(scores)[1],
    offsets: values(offsets),
    ...(points && { landmarks: points.slice(0, 5).map((x, i) => ({ x, y: points[i + 5] })) }),
  };
}

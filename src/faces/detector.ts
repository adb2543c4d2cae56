import { openRunner, type RunnerOptions } from '../classifier/index.ts';
import type { Model, Tensor } from '../graph/index.ts';
import { compose, type Image, preprocess, scaling, warpImage } from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Detection, mapBox, suppress } from './box.ts';
import { type Window, type WindowOptions, windowsOf } from './windows.ts';

/** What is looked for in a photo. */
export interface DetectOptions {
  /** The smallest face that is looked for, in pixels of the photo. */
  readonly minSize: number;
  /** Detections with a lower score are left out. */
  readonly minScore: number;
  /** Quarter turns of the photo, clockwise, before it is looked at; 0 unless given. */
  readonly turns?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finds faces that are upright, or nearly, in a photo of any size. */
export interface Detector {
  /** In the order of their scores; boxes may reach over the photo's border. */
  detect(photo: Image, options: DetectOptions): Promise<Detection[]>;
  release(): Promise<void>;
}

export type OpenDetectorOptions = RunnerOptions & {
  readonly runtime: Runtime;
  /** The smallest face that the network finds, as a fraction of its square. */
  readonly smallest: number;
};

/** Two boxes that overlap by more, relative to both together, are of one face. */
const mostUnion = 0.4;

/** A box that holds so much of another one, at whatever level of detail, is of the same face. */
const mostHeld = 0.7;

/** How near a box may come to the edge of a window beyond which the photo goes on, in fractions of the window. */
const clearance = 0.005;

/**
 * A detector of a network with one square input and outputs `boxes` N×A×4 (left, top, right, bottom in fractions of the
 * square) and `scores` N×A, which looks at a photo through windows.
 */
export async function openDetector(
  { graph, info }: Model,
  { runtime, smallest, ...options }: OpenDetectorOptions,
): Promise<Detector> {
  const side = Number(graph.inputs[0].shape[2]);
  const runner = await openRunner(graph, runtime, { batch: 4, ...options });
  const look = (photo: Image, { toPhoto }: Window): Tensor<'float32'> => {
    const toSource = compose(toPhoto, scaling(1 / side));
    const square = warpImage(photo, toSource, { height: side, width: side }, 'nothing');
    return preprocess([square], info.preprocessing!);
  };
  return {
    async detect(photo, { minScore, turns, minSize, signal }) {
      const asked: WindowOptions = { turns, minSize, smallest };
      const found: Detection[] = [];
      for (const window of windowsOf(photo, asked)) {
        signal?.throwIfAborted();
        const { boxes, scores } = await runner.run(look(photo, window));
        const here = suppress(detectionsIn(boxes, scores, minScore), mostUnion);
        for (const { box, score } of here) {
          if (isCut(box, window)) continue;
          found.push({ box: mapBox(window.toPhoto, box), score });
        }
      }
      return suppress(suppress(found, mostUnion), mostHeld, 'smaller');
    },
    release: () => runner.release(),
  };
}

/** The rows of a network's answer for one window with at least a score, in fractions of the window. */
export function detectionsIn(
  { data: edges }: Tensor<'float32'>,
  { data: scores }: Tensor<'float32'>,
  minScore: number,
): Detection[] {
  const found: Detection[] = [];
  for (const [i, score] of scores.entries()) {
    if (score < minScore) continue;
    const [left, top, right, bottom] = edges.subarray(4 * i, 4 * i + 4);
    found.push({ score, box: { x: left, y: top, width: right - left, height: bottom - top } });
  }
  return found;
}

/** Whether a window shows a part only of what is in a box; another window shows it whole, or a coarser level. */
function isCut({ x, y, width, height }: Detection['box'], { open }: Window): boolean {
  return (
    (open.left && x < clearance) ||
    (open.top && y < clearance) ||
    (open.right && x + width > 1 - clearance) ||
    (open.bottom && y + height > 1 - clearance)
  );
}

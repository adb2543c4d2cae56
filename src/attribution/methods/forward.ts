import { runBatches } from '../../classifier/batches.ts';
import { rows } from '../../classifier/rows.ts';
import { fail } from '../../common/error.ts';
import type { Counter } from '../../common/progress.ts';
import {
  float32,
  type Graph,
  GraphBuilder,
  type Head,
  type Model,
  type Shape,
  type Tensor,
} from '../../graph/index.ts';
import { infer, lowerInto } from '../../operators/index.ts';
import { linkOf, probabilitiesOf, scoresBelow, withFreeNames } from '../../relevance/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { Explained } from '../perturbation.ts';
import type { Setting } from '../prepared.ts';
import { classWeights, type ResolvedTarget, settlePredicted } from '../resolve.ts';
import type { PlaneSize } from './bilinear.ts';

/** What a network says of a batch. */
export interface Forward {
  /** N×K, before softmax. */
  readonly scores: Tensor<'float32'>;
  /** The head's own output. */
  readonly output: Tensor<'float32'>;
  /** N×K: the scores or the probabilities. */
  readonly explained: Tensor<'float32'>;
  /** The feature maps that were asked for, N×K×h×w. */
  readonly maps?: Tensor<'float32'> | undefined;
}

/** The images that are explained, and the number of each that changed copies are compared with. */
export interface Explaining {
  readonly clean: Forward;
  readonly targets: readonly ResolvedTarget[];
  /** The explained sum of scores or probabilities in a row of a result, by the target of the image. */
  valueIn(result: Forward, row: number, image: number): number;
}

/** A network's forward pass for methods that look at changed copies; its session is loaded when it is first needed. */
export interface OpenForward {
  readonly channels: number;
  /** Of the input. */
  readonly size: PlaneSize;
  /** The layer's feature maps, K×h×w; empty where none are asked for. */
  readonly maps: readonly number[];
  run(images: Tensor<'float32'>, counter: Counter): Promise<Forward>;
  /** The same for the images themselves, with the feature maps. */
  begin(input: Tensor<'float32'>, targets: readonly ResolvedTarget[], counter: Counter): Promise<Explaining>;
  release(): Promise<void>;
}

/** Opens the forward pass; with the feature maps of `layer`. Errors: a value that there is not; an input that is no image. */
export function openForward(setting: Setting, of: Explained, layer?: string): OpenForward {
  if (of !== 'score' && of !== 'probability') fail(`of '${of}'`, 'expected score or probability');
  const { model, head } = withFreeNames(setting.model, setting.output.name);
  const { name, shape } = model.graph.inputs[0];
  if (shape.length !== 4) fail(`input '${name}'`, `[${shape}] is no image N×C×H×W`);
  const [channels, height, width] = shape.slice(1).map(Number);
  const graph = forwardGraph(model, head, of, layer);
  const maps = graph.outputs.find((output) => output.name === 'maps')?.shape.slice(1) ?? [];
  let session: Promise<Session> | undefined;

  const run = async (images: Tensor<'float32'>, counter: Counter, isFirst = false): Promise<Forward> => {
    session ??= setting.runtime.load(graph, setting.session);
    session.catch(() => {
      session = undefined;
    });
    const wanted = graph.outputs.map((output) => output.name).filter((each) => isFirst || each !== 'maps');
    const options = { size: setting.batch, counter, outputs: wanted };
    const made = await runBatches(graph, await session, images, options);
    const count = images.shape[0];
    const flat = ({ data }: Tensor<'float32'>) => float32([count, data.length / count], data);
    return {
      scores: flat(made.scores),
      output: made[head.output],
      explained: flat(made.explained),
      maps: made.maps,
    };
  };

  return {
    channels,
    size: [height, width],
    maps: maps.map(Number),
    run,
    async begin(input, open, counter) {
      const clean = await run(input, counter, true);
      const targets = settlePredicted(open, clean.scores);
      const weights = classWeights(targets, clean.scores.shape[1]);
      return {
        clean,
        targets,
        valueIn(result, row, image) {
          const values = rows(result.explained, row, row + 1).data;
          const chosen = rows(weights, image, image + 1).data;
          return chosen.reduce((sum, weight, k) => sum + weight * values[k], 0);
        },
      };
    },
    async release() {
      const held = session;
      session = undefined;
      await (await held)?.release();
    },
  };
}

/**
 * The model's scores as `scores`, the head's own output, as `explained` what is compared: N×K scores or probabilities, and
 * as `maps` what a layer makes.
 */
function forwardGraph({ graph }: Model, head: Head, of: Explained, layer?: string): Graph {
  const known = infer(graph);
  const value = scoresBelow(graph, head.output);
  const shape = known.shapes.get(value)!;
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  const put = (from: string, name: string, shape: Shape) => b.output(from, { name, type: 'float32', shape });
  const probability = () => probabilitiesOf(b, value, linkOf(graph, head.output)?.kind);
  put(value, 'scores', shape);
  if (head.output !== 'scores') put(head.output, head.output, known.shapes.get(head.output)!);
  put(of === 'score' ? value : probability(), 'explained', shape);
  if (layer !== undefined) {
    const node =
      graph.nodes.find((each) => each.name === layer) ??
      fail(`layer '${layer}'`, 'the network has no such layer', 'limn inspect lists them');
    put(node.outputs[0], 'maps', known.shapes.get(node.outputs[0])!);
  }
  return b.build();
}

/** One number for each cell of each image as relevance N×C×H×W: every channel gets an equal part. */
export function overChannels(
  cells: Float64Array,
  { channels, size: [height, width] }: Pick<OpenForward, 'channels' | 'size'>,
  images: number,
): Tensor<'float32'> {
  const plane = height * width;
  const data = Float32Array.from({ length: images * channels * plane }, (_, i) => {
    const image = Math.floor(i / (channels * plane));
    return cells[image * plane + (i % plane)] / channels;
  });
  return float32([images, channels, height, width], data);
}

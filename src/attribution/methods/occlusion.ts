import { runBatches } from '../../classifier/batches.ts';
import { rows } from '../../classifier/rows.ts';
import { fail } from '../../common/error.ts';
import { type Counter, counter } from '../../common/progress.ts';
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
import { checkOptions, type OcclusionMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { classWeights, settlePredicted } from '../resolve.ts';
import { baselineValues } from './baseline.ts';
import { overVariants } from './variants.ts';
import { coverage, eachCell, occlusionParameters, windowStarts } from './windows.ts';

/** The model's scores as `scores`, the head's own output, and as `explained` what drops: N×K scores or probabilities. */
function forwardGraph({ graph }: Model, head: Head, of: 'score' | 'probability'): Graph {
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
  return b.build();
}

/**
 * Occlusion (Zeiler and Fergus 2014): R at a pixel = the mean, over the windows that cover it, of f(x) − f(x with the
 * window covered), where f is the explained sum of scores or probabilities. Channels get equal parts.
 */
export function prepareOcclusion(setting: Setting, method: OcclusionMethod): Prepared {
  checkOptions('occlusion', setting);
  const { batch } = setting;
  const { model, head } = withFreeNames(setting.model, setting.output.name);
  const { shape } = model.graph.inputs[0];
  if (shape.length !== 4) fail(`input '${model.graph.inputs[0].name}'`, `[${shape}] is no image N×C×H×W`);
  const [channels, height, width] = shape.slice(1).map(Number);
  const { window, stride, fill, of } = occlusionParameters(method, height, width);
  const colour = baselineValues(fill, shape, model.info.preprocessing);
  const plane = height * width;
  const starts = windowStarts(height, window[0], stride[0]).flatMap((top) =>
    windowStarts(width, window[1], stride[1]).map((left) => ({ top, left })),
  );
  const graph = forwardGraph(model, head, of);
  let session: Promise<Session> | undefined;

  const forward = async (images: Tensor<'float32'>, count: Counter) => {
    session ??= setting.runtime.load(graph, setting.session);
    session.catch(() => {
      session = undefined;
    });
    return classify(graph, await session, head, images, batch, count);
  };

  return {
    parameters: {
      window: window.join('×'),
      stride: stride.join('×'),
      fill: typeof fill === 'object' ? 'given' : fill,
      of,
    },
    async run(input, open, watch) {
      const images = input.shape[0];
      const count = counter(watch, images * (1 + starts.length));
      const clean = await forward(input, count);
      const targets = settlePredicted(open, clean.scores);
      const weights = classWeights(targets, clean.scores.shape[1]);
      const explained = (result: Forward, row: number, image: number): number => {
        const values = rows(result.explained, row, row + 1).data;
        const chosen = rows(weights, image, image + 1).data;
        return chosen.reduce((sum, weight, k) => sum + weight * values[k], 0);
      };
      const before = targets.map((_, image) => explained(clean, image, image));
      const drops = new Float64Array(images * plane);
      await overVariants(input, {
        ...setting,
        count: starts.length,
        make(original, at, out) {
          out.set(original);
          eachCell(starts[at], window, width, (cell) => {
            for (let i = cell; i < out.length; i += plane) out[i] = colour[i];
          });
        },
        run: (copies) => forward(copies, count),
        use(result, row, image, at) {
          const drop = before[image] - explained(result, row, image);
          eachCell(starts[at], window, width, (cell) => {
            drops[image * plane + cell] += drop;
          });
        },
      });
      const covers = coverage(starts, window, width, plane);
      const data = new Float32Array(input.data.length).map((_, i) => {
        const cell = i % plane;
        const image = Math.floor(i / (channels * plane));
        return drops[image * plane + cell] / covers[cell] / channels;
      });
      const { scores, output } = clean;
      return { scores, output, relevance: float32(input.shape, data), layers: {}, targets };
    },
    async release() {
      const held = session;
      session = undefined;
      await (await held)?.release();
    },
  };
}

interface Forward {
  readonly scores: Tensor<'float32'>;
  readonly output: Tensor<'float32'>;
  readonly explained: Tensor<'float32'>;
}

async function classify(
  graph: Graph,
  session: Session,
  head: Head,
  input: Tensor<'float32'>,
  batch: number,
  count: Counter,
): Promise<Forward> {
  const made = await runBatches(graph, session, input, { size: batch, counter: count });
  const images = input.shape[0];
  const flat = ({ data }: Tensor<'float32'>) => float32([images, data.length / images], data);
  return {
    scores: flat(made.scores),
    output: made[head.output],
    explained: flat(made.explained),
  };
}

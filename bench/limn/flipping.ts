import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { argmax, classifierOf, rows } from '../../src/classifier/index.ts';
import { ordered } from '../../src/common/ordered.ts';
import { curveQuestions, fillBy, openProbe, ranks, squares } from '../../src/faithfulness/index.ts';
import { float32, type Model, type Tensor } from '../../src/graph/index.ts';
import { heatmaps } from '../../src/image/index.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import { openPool } from '../../src/runtime/pool.node.ts';
import { root } from '../bench.ts';
import type { Job } from './job.ts';

const [side, steps, batch] = [16, 100, 16];

/** A worker thread per core with a single-threaded session each. */
const workers = (threads: number): Runtime => ({
  load: (graph) =>
    openPool(graph, { workers: threads, script: pathToFileURL(join(root, 'dist/runtime/worker.node.js')) }),
});

/** Flips photos as the peer does: squares of 16×16, the brightest first, in 100 steps; returns the curves. */
export async function flipping(model: Model, photos: Tensor<'float32'>, threads: number): Promise<Job> {
  const classifier = classifierOf(model);
  const options = { measured: 'probability', batch, parallel: threads } as const;
  const probe = await openProbe(classifier, workers(threads), options);
  const [count, channels, height, width] = photos.shape as [number, number, number, number];
  const regions = squares(height, width, side);
  const session = await workers(threads).load(classifier.graph);
  const [{ name }] = classifier.graph.inputs;
  const first = (await session.run({ [name]: photos }))[classifier.head.output] as Tensor<'float32'>;
  await session.release();
  return async () => {
    const maps = heatmaps(photos);
    const curves = maps.map(() => new Float64Array(steps + 1));
    function* questions() {
      for (let index = 0; index < count; index++) {
        const photo = { data: rows(photos, index, index + 1).data, channels, height, width, index };
        const target = { classes: [argmax(rows(first, index, index + 1).data)], against: [] };
        const removal = { ranks: ranks(maps[index], regions, 'morf', 1, index), values: curves[index] };
        const filling = fillBy(photo, 'mean', 1);
        yield* curveQuestions(photo, target, regions, [removal], filling, { steps, until: 1 });
      }
    }
    await probe.ask(questions(), { check: () => {}, add: () => {} });
    return float32([count, steps + 1], Float32Array.from(curves.flatMap((curve) => [...curve])));
  };
}

/** The engine alone: as many forwards, of a batch that is ready. */
export async function asking(model: Model, photos: Tensor<'float32'>, threads: number): Promise<Job> {
  const { graph, head } = classifierOf(model);
  const session = await workers(threads).load(graph);
  const [{ name }] = graph.inputs;
  const count = photos.shape[0] * (steps + 1);
  const each = photos.data.length / photos.shape[0];
  const data = new Float32Array(batch * each);
  for (let i = 0; i < batch; i++)
    data.set(rows(photos, i % photos.shape[0], (i % photos.shape[0]) + 1).data, i * each);
  const input = float32([batch, ...photos.shape.slice(1)], data);
  return async () => {
    let last: Tensor | undefined;
    const runs = Array.from({ length: Math.ceil(count / batch) }, (_, i) =>
      Math.min(batch, count - i * batch),
    );
    for await (const found of ordered(runs, (n) => session.run({ [name]: rows(input, 0, n) }), threads + 1))
      last = found[head.output];
    return last!;
  };
}

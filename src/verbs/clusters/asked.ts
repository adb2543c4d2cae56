import {
  argmax,
  type Classifier,
  classLabel,
  isProbability,
  openRunner,
  prepare,
  rows,
} from '../../classifier/index.ts';
import { type HiddenAnswer, movedByHalf } from '../../clusters/index.ts';
import { fail, forItem } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { pictureOf } from '../../data/index.ts';
import { fillBy, type NetworkPhoto, withoutRegion } from '../../faithfulness/index.ts';
import { float32 } from '../../graph/index.ts';
import { repeatMap, type ScalarMap } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { type FailedItem, resultOrFailure, type Watch } from '../verb.ts';
import type { HideFields } from './hiderequest.ts';
import type { ClustersEvent } from './result.ts';
import { hiddenPicture, type Saving } from './saved.ts';
import type { LabelledSample, LabelledSource } from './source.ts';

/** All that asking needs. */
export interface Hiding {
  readonly classifier: Classifier;
  readonly fields: HideFields;
  readonly shown: ScalarMap;
  readonly saving: Saving | undefined;
  readonly host: Host;
  readonly watch: Watch<ClustersEvent>;
}

interface ReadySample {
  readonly sample: LabelledSample;
  readonly photo: NetworkPhoto;
}

/** Asks about every photo as it is, with the region hidden, and with the same region elsewhere hidden. */
export async function askAll(
  { classifier, fields, shown, saving, host, watch }: Hiding,
  source: LabelledSource,
  clusterOf: (name: string) => number | undefined,
) {
  const total = source.names.length;
  const compute = await host.compute(classifier.graph, 3 * total, fields);
  const skipped: FailedItem[] = [];
  const answers: HiddenAnswer[] = [];
  let [area, overlap] = [0, 0];
  await scoped(async (own) => {
    const { runtime, session, workers: parallel } = compute;
    const runner = own(
      await openRunner(classifier.graph, runtime, { session, batch: fields.batch, parallel }),
    );
    const ready = async (sample: LabelledSample) => {
      const { index, name } = sample;
      watch.signal?.throwIfAborted();
      return resultOrFailure(name, () =>
        forItem(name, async (): Promise<ReadySample> => {
          const picture = await pictureOf(await sample.content(), name, host.images.decode);
          const { shape, data } = prepare(classifier, picture, { name });
          const [, channels, height, width] = shape;
          await saving?.add(sample, hiddenPicture(picture, classifier, shown, fields, index));
          return { sample, photo: { data, channels, height, width, index } };
        }),
      );
    };
    const ask = async ({ sample, photo }: ReadySample) => {
      const { height, width, data, channels } = photo;
      const region = Uint8Array.from(repeatMap(shown, height, width).data);
      const other = movedByHalf(region, height, width);
      const held = region.reduce((sum, each) => sum + each, 0);
      area = held / region.length;
      overlap = region.reduce((sum, each, i) => sum + (each & other[i]), 0) / held;
      const input = new Float32Array(3 * data.length);
      input.set(data);
      for (const [i, removed] of [region, other].entries()) {
        const fill = fillBy(withoutRegion(photo, removed), fields.replacement, fields.seed)();
        fill(removed, input.subarray((i + 1) * data.length, (i + 2) * data.length));
      }
      const made = await runner.run(float32([3, channels, height, width], input));
      const values = [0, 1, 2].map((i) => rows(made[classifier.head.output], i, i + 1).data);
      return answerOf(sample, values, classifier, clusterOf(sample.name));
    };
    const all = ordered(source.samples(new Set(source.names.keys())), ready, compute.decoders + 1);
    const good = (async function* () {
      for await (const each of all) {
        if ('error' in each) {
          watch.on?.({ kind: 'failed', failed: each });
          skipped.push(each);
        } else yield each;
      }
    })();
    for await (const answer of ordered(good, ask, compute.workers + 1)) {
      answers.push(answer);
      watch.on?.({ kind: 'progress', what: 'photos', done: answers.length + skipped.length, total });
    }
  });
  if (skipped.length > 0 && !fields.skipBad)
    fail(
      source.source,
      `${skipped.length} of ${total} photos cannot be read`,
      words`repair them, or go on without them: ${field('skipBad')}`,
    );
  return { answers, skipped, area, overlap };
}

function answerOf(
  { name, truth, groups }: LabelledSample,
  [plain, hidden, elsewhere]: readonly Float32Array[],
  classifier: Classifier,
  cluster: number | undefined,
): HiddenAnswer {
  const { labels } = classifier.head;
  const best = argmax(plain);
  const predicted = classLabel(labels, best);
  const changed = (values: Float32Array) => ({
    predicted: classLabel(labels, argmax(values)),
    fall: plain[best] - values[best],
  });
  return {
    photo: {
      name,
      class: predicted,
      predicted,
      ...(truth !== undefined && { truth }),
      ...(isProbability(classifier) && { confidence: plain[best] }),
      groups,
    },
    ...(cluster !== undefined && { cluster }),
    hidden: changed(hidden),
    elsewhere: changed(elsewhere),
  };
}

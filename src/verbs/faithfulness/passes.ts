import { passesOf } from '../../attribution/index.ts';
import { count } from '../../common/format.ts';
import type { Counter, RunWatch } from '../../common/progress.ts';
import {
  type AnalysisOptions,
  baselines,
  questionsPerPhoto,
  weightedLayers,
} from '../../faithfulness/index.ts';
import type { Graph } from '../../graph/index.ts';
import type { Watch } from '../verb.ts';
import type { NamedMethod } from './methods.ts';
import type { FaithfulnessFields } from './request.ts';
import type { FaithfulnessEvent } from './result.ts';

/** Photos that randomised networks explain. */
export const RANDOMISED_PHOTOS = 16;

/** How many passes through the network an analysis takes, forward or forward and back; of some methods about. */
export interface PlannedPasses {
  /** Of a photo: all, and of them those of changed copies. */
  readonly photo: number;
  readonly changed: number;
  /** Of all randomised networks and the trained one that they are held against. */
  readonly randomised: number;
  /** Of all photos' maps and the randomised networks', by method. */
  readonly byMethod: ReadonlyMap<string, number>;
  readonly total: number;
}

/** What is planned for. */
export interface PassSetting {
  readonly graph: Graph;
  readonly methods: readonly NamedMethod[];
  readonly options: AnalysisOptions;
  readonly fields: FaithfulnessFields;
  /** Photos that are analysed here, and those that randomised networks explain; 0 where they are asked for nothing. */
  readonly photos: number;
  readonly randomised: number;
}

export function plannedPasses(setting: PassSetting): PlannedPasses {
  const { graph, methods, options, fields, photos, randomised } = setting;
  const { metrics, copies } = fields;
  const has = (metric: (typeof metrics)[number]) => metrics.includes(metric);
  const changed = questionsPerPhoto(options, methods.length + baselines.length);
  const each = methods.map((named) => {
    const [own, sparing] = [passesOf(named.method), passesOf(named.sparing)];
    const again = named.sparing === named.method ? 0 : 1;
    const ofPhoto =
      own * (has('random-logit') ? 2 : 1) + (has('robustness') ? sparing * (copies + again) : 0);
    const stops = Math.min(fields.stops, weightedLayers(graph).length);
    const networks = 1 + (has('randomisation') ? 2 * stops : 1);
    const ofRandomised = sparing * (networks + (has('smooth-randomisation') ? 2 * copies : 0));
    return { name: named.name, ofPhoto, ofRandomised: randomised * ofRandomised };
  });
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const photo = changed + sum(each.map(({ ofPhoto }) => ofPhoto));
  const ofRandomised = sum(each.map((method) => method.ofRandomised));
  return {
    ...{ photo, changed, randomised: ofRandomised, total: photos * photo + ofRandomised },
    byMethod: new Map(
      each.map((method) => [method.name, photos * method.ofPhoto + method.ofRandomised] as const),
    ),
  };
}

/** What is planned in words, and which method takes most of it. */
export function plannedText({ total, byMethod }: PlannedPasses): string {
  const maps = [...byMethod.values()].reduce((sum, passes) => sum + passes, 0);
  const [name, most] = [...byMethod].reduce((a, b) => (b[1] > a[1] ? b : a));
  const whose = most > total / 2 && byMethod.size > 1 ? ` (${count(most)} by ${name})` : '';
  return `${count(total)} passes through the network: ${count(total - maps)} of changed photos, ${count(maps)} for maps${whose}`;
}

/** Counts passes. Those of a map count as planned, however many there are. */
export interface PassCounter extends Counter {
  /** What a map that was planned to take so many tells how far it is, and when to stop. */
  during(planned: number): RunWatch;
  /** Those that need not be, told with the next. */
  skip(more: number): void;
  /** All that are left need not be. */
  finish(): void;
}

export function countPasses({ on, signal }: Watch<FaithfulnessEvent>, total: number): PassCounter {
  let done = 0;
  const tell = () => on?.({ kind: 'progress', what: 'passes', done: Math.round(done), total });
  const add = (more: number) => {
    done = Math.min(total, done + more);
    tell();
  };
  return {
    check: () => signal?.throwIfAborted(),
    add,
    during(planned) {
      let before = 0;
      return {
        signal,
        onProgress(ran, all) {
          const now = (planned * ran) / all;
          add(now - before);
          before = now;
        },
      };
    },
    skip(more) {
      done += more;
    },
    finish() {
      done = total;
      tell();
    },
  };
}

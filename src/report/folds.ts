import { groupedBy } from '../common/groups.ts';
import { type DefinitionName, readDefinitionName } from '../data/definitions/name.ts';
import { type FoldPoint, foldChart, foldMeans } from './charts/folds.ts';
import type { NamedChart } from './charts/index.ts';
import type { TrainingRun } from './page-training.ts';
import { earlierWords, publishedArchitecture } from './published.ts';
import { placeName } from './tables/paper.ts';

/** A point, and of which target it tells. */
export interface TargetPoint extends FoldPoint {
  readonly target: string;
}

/**
 * Validation accuracy of trainings that lie in folders of a definition's name and a fold, as studies and plans put them:
 * `age_finetuning_googlenet_mixed/fold-0/…`. Others are passed over.
 */
export function validationPoints(runs: readonly TrainingRun[]): TargetPoint[] {
  return runs.flatMap(({ source, rows }) => {
    const parts = source.split(/[\\/]/);
    const definition = parts.map(readDefinitionName).findLast((each) => each !== undefined);
    const fold = parts.map((part) => /^(?:test_)?fold[-_ ]?(?:is_)?(\d+)$/.exec(part)?.[1]).findLast(Boolean);
    if (!definition || fold === undefined) return [];
    const tests = rows.filter(({ series, metric }) => series === 'validation' && isAccuracy(metric));
    // GoogLeNet has three; the last one answers.
    const metric = tests.at(-1)?.metric;
    return tests
      .filter((row) => row.metric === metric)
      .map(({ iteration, value }) => ({ ...namesOf(definition), fold, iteration, accuracy: value }));
  });
}

const isAccuracy = (metric: string): boolean => /accuracy|top-?1\b/i.test(metric);

const namesOf = ({ target, architecture, preprocessing, initialisation }: DefinitionName) => ({
  ...{ target, architecture },
  training: placeName(preprocessing, initialisation),
});

/** The place of a snapshot's result in the paper's tables; undefined where it has none, or no fold. */
export function placedPoint(
  { architecture, preprocessing, initialisation = '', fold, test }: Readonly<Record<string, string>>,
  rest: Pick<TargetPoint, 'target' | 'iteration' | 'accuracy'>,
): TargetPoint | undefined {
  if (architecture === undefined || preprocessing === undefined || fold === undefined) return undefined;
  const own = placeName(preprocessing, initialisation);
  return {
    ...rest,
    fold,
    architecture: publishedArchitecture(architecture) ?? architecture,
    training: test === undefined ? own : `${own} on ${test}`,
  };
}

/** A chart for each target of which there are two points in time; `on` says on which photos. */
export function foldCharts(points: readonly TargetPoint[], on: 'validation' | 'test'): NamedChart[] {
  return [...groupedBy(points, ({ target }) => target)].flatMap(([target, own]): NamedChart[] => {
    if (new Set(foldMeans(own).map(({ iteration }) => iteration)).size < 2) return [];
    const what = on === 'test' ? 'on the test list, by snapshot' : 'on the validation list, while training';
    return [
      {
        name: `folds-${target}-${on}`,
        kind: 'folds',
        caption:
          `Accuracy of ${target} ${what}: means over folds, ± the standard deviation pale around them; named as in the paper's tables` +
          `${earlierWords(target)}.`,
        spec: foldChart(own, target),
      },
    ];
  });
}

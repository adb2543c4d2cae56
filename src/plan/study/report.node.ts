import type { Unit } from '../unit.ts';
import { fixedPath, inFolder, type PlannedPath } from '../value.ts';
import type { Planning } from './networks.node.ts';

/** An evaluation of a network at one of its snapshots. */
export interface PlannedTest {
  readonly unit: Unit;
  readonly iteration: number;
  readonly isLast: boolean;
}

/** What reports are made of. */
export interface Reported {
  /** Evaluations, by the kind of test. */
  readonly tests: ReadonlyMap<string, readonly PlannedTest[]>;
  readonly trainings: readonly Unit[];
  /** Where in faces the networks of each target look. */
  readonly regions: readonly Unit[];
}

/** What all networks come to: a comparison of each kind of test with its report, and how the trainings went. */
export function planReport(
  { tests, trainings, regions }: Reported,
  { study, add }: Pick<Planning, 'study' | 'add'>,
): void {
  const inUnit = (unit: Unit, path: string): PlannedPath => fixedPath(`${unit.folder}/${path}`, path);
  const title = study.name === undefined ? undefined : { title: study.name };
  for (const [test, snapshots] of tests) {
    const evaluations = snapshots.filter(({ isLast }) => isLast).map(({ unit }) => unit);
    // The last ones alone are no progress.
    const over = snapshots.length > evaluations.length ? snapshots : [];
    const comparison = add(
      {
        kind: 'compare',
        label: `compare-${test}`,
        verb: 'compare',
        request: {
          results: evaluations.map((unit) => inUnit(unit, 'result')),
          output: inFolder('comparison'),
          published: study.published,
          spread: true,
          // Networks that were trained on other faces are tested on other photos.
          allowDifferentData: true,
        },
        inputs: [],
        outputs: ['comparison/comparison.json'],
      },
      evaluations,
      'study',
    );
    add(
      {
        kind: 'report',
        label: `report-${test}`,
        verb: 'report',
        request: {
          ...title,
          comparison: inUnit(comparison, 'comparison'),
          output: inFolder('report.html'),
          regions: regions.map((unit) => inUnit(unit, 'regions')),
          logs: trainings.map((unit) => inUnit(unit, 'run')),
          ...(over.length > 0 && {
            snapshots: over.map(({ unit, iteration }) => ({ result: inUnit(unit, 'result'), iteration })),
          }),
        },
        inputs: [],
        outputs: ['report.html'],
      },
      [comparison, ...trainings, ...regions, ...over.filter(({ isLast }) => !isLast).map(({ unit }) => unit)],
      'study',
    );
  }
  if (trainings.length === 0) return;
  add(
    {
      kind: 'plot',
      label: 'plot',
      verb: 'plot',
      request: {
        ...title,
        runs: trainings.map((unit) => inUnit(unit, 'run')),
        output: inFolder('trainings.html'),
      },
      inputs: [],
      outputs: ['trainings.html'],
    },
    trainings,
    'study',
  );
}

import { PREPROCESSINGS } from '../../data/definitions/name.ts';
import type { AdienceTarget } from '../../data/index.ts';
import { reads } from '../stage.node.ts';
import type { Unit } from '../unit.ts';
import { fixedPath, inFolder, type PlannedPath } from '../value.ts';
import type { MadeData } from './data.node.ts';
import type { PlannedModel, Planning } from './networks.node.ts';
import type { StudyHeatmaps } from './studyfile.ts';

/** A model and the photos that it is asked about. */
interface Explained {
  readonly model: PlannedModel;
  readonly photos: MadeData;
  readonly unit: Unit;
}

/**
 * Heatmaps of the same photos by the networks of all folds, target by target: explanations, the figure of photos by networks, and
 * where in faces the networks look; the units of the latter are returned. The photos are of the test list of the first fold, each network sees them in its own preprocessing.
 */
export async function planHeatmaps(
  models: readonly PlannedModel[],
  heatmaps: StudyHeatmaps,
  planning: Planning,
): Promise<Unit[]> {
  const regions: Unit[] = [];
  const targets = [...new Set(models.map(({ definition }) => definition.target))];
  for (const target of targets) {
    const explained: Explained[] = [];
    for (const model of models.filter(({ definition }) => definition.target === target))
      explained.push(await planExplanation(model, heatmaps, planning));
    regions.push(...planFigures(target, explained, heatmaps, planning));
  }
  return regions;
}

async function planExplanation(
  model: PlannedModel,
  heatmaps: StudyHeatmaps,
  planning: Planning,
): Promise<Explained> {
  const { study, add } = planning;
  const { definition, fold } = model;
  const photos = await photosOf(model, heatmaps, planning);
  const unit = add(
    {
      kind: 'explain',
      label: 'explain',
      verb: 'saveExplanations',
      request: {
        model: model.file,
        photos: [photos.path],
        composite: heatmaps.composite,
        variant: heatmaps.variant,
        figure: false,
        threads: study.threads,
        output: inFolder('heatmaps'),
      },
      inputs: [],
      outputs: ['heatmaps/explain.json'],
    },
    [model.unit, ...photos.needs],
    `${definition.name}/fold-${fold}`,
  );
  return { model, photos, unit };
}

async function photosOf(
  { definition }: PlannedModel,
  { photos }: StudyHeatmaps,
  { data, files }: Planning,
): Promise<MadeData> {
  if (typeof photos === 'string') return { path: (await reads(files, photos)).path, needs: [] };
  const { preprocessing, target } = definition;
  const crops = PREPROCESSINGS[preprocessing === 'm' ? 'r' : preprocessing];
  return data.sample(crops, data.folds[0], `${target}_test`, photos);
}

function planFigures(
  target: AdienceTarget,
  explained: readonly Explained[],
  { average, regions }: StudyHeatmaps,
  { add }: Planning,
): Unit[] {
  const maps = explained.map(({ unit }): PlannedPath => fixedPath(`${unit.folder}/heatmaps`, 'heatmaps'));
  const names = explained.map(({ model: { definition, fold } }) =>
    average ? definition.name : `${definition.name} ${fold}`,
  );
  const samples = new Map(explained.map(({ photos }) => [photos.path.inUnit(''), photos] as const));
  const photos = [...samples.values()].map(({ path }) => path);
  const needs = [
    ...explained.map(({ unit }) => unit),
    ...[...samples.values()].flatMap((each) => each.needs),
  ];
  add(
    {
      kind: 'draw',
      label: `heatmaps-${target}`,
      verb: 'draw',
      request: { maps, names, photos, output: inFolder('heatmaps') },
      inputs: [],
      outputs: ['heatmaps/draw.json', 'heatmaps/draw.png'],
    },
    needs,
    'study',
  );
  if (!regions) return [];
  const measured = add(
    {
      kind: 'regions',
      label: `regions-${target}`,
      verb: 'regions',
      request: {
        explanations: maps,
        names: explained.map(({ model: { definition } }) => definition.name),
        places: explained.map(({ model: { definition } }) => {
          const { architecture, preprocessing, initialisation } = definition;
          return { architecture, preprocessing, initialisation: initialisation || 'scratch' };
        }),
        photos,
        title: target,
        output: inFolder('regions'),
      },
      inputs: [],
      outputs: ['regions/regions.json', 'regions/regions.csv', 'regions/regions.png', 'regions/mean.png'],
    },
    needs,
    'study',
  );
  return [measured];
}

import { join } from 'node:path';
import {
  filterNet,
  type LayerParameter,
  type NetParameter,
  parsePrototxt,
  upgradeNet,
} from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { parseDataPath } from '../../data/definitions/layout.ts';
import { dataPaths, expectedOf, pathMistakes } from '../../data/definitions/mistakes.ts';
import { type DefinitionName, PREPROCESSINGS } from '../../data/definitions/name.ts';
import { type AdienceTarget, AGE_LABELS, GENDER_LABELS } from '../../data/index.ts';
import { snapshotFiles } from '../../training/run/snapshot.node.ts';
import type { SolverSettings } from '../../training/solver/index.ts';
import type { Draft } from '../draft.ts';
import type { PlannedFiles } from '../files.node.ts';
import { madeBy } from '../identity.node.ts';
import { modelFile } from '../model.node.ts';
import type { Choice, Spec, Stage } from '../spec.ts';
import { reads } from '../stage.node.ts';
import { draftTraining, runFolder, type TrainingDraft } from '../training.node.ts';
import type { Unit } from '../unit.ts';
import { fixedPath, inFolder, type PlannedPath } from '../value.ts';
import type { YamlText } from '../yaml.ts';
import type { AddUnit, MadeData, StudyData } from './data.node.ts';
import type { StudyFile } from './studyfile.ts';

/** What a study's units are made with. */
export interface Planning {
  readonly study: StudyFile;
  readonly files: PlannedFiles;
  readonly data: StudyData;
  readonly add: AddUnit;
  /** Hears what people should know of a definition. */
  readonly note: (definition: string, text: string) => void;
}

/** A network of one fold at one of its snapshots, as a model. */
export interface PlannedModel {
  readonly definition: DefinitionName;
  readonly fold: number;
  readonly iteration: number;
  readonly isLast: boolean;
  readonly unit: Unit;
  readonly file: PlannedPath;
}

/** A network of one fold. */
export interface PlannedNetwork {
  readonly training: Unit;
  /** By iteration, the last one last. */
  readonly models: readonly PlannedModel[];
}

/** The training of a network on the other folds, and the models of its snapshots. Undefined where files are missing. */
export async function planNetwork(
  definition: DefinitionName,
  fold: number,
  planning: Planning,
): Promise<PlannedNetwork | undefined> {
  const { study, files, data, add } = planning;
  const place = `${definition.name}/fold-${fold}`;
  const draft = await draftTraining(stageOf(study, definition), {
    ...{ spec: specOf(study), files },
    each: { definition: definition.name, fold, seed: undefined },
  });
  const deploy = await reads(files, join(study.definitions.text, definition.name, study.deploy));
  const layers = draft && (await dataLayersOf(draft, `${definition.name}: ${study.solver}`, files));
  if (!draft || !layers) return undefined;
  const fed = feeds(layers, definition, fold, planning);
  const iterations = snapshotsOf(draft.solver, study);
  const stem = (iteration: number) => snapshotFiles(runFolder, draft.solver.snapshotPrefix, iteration).model;
  const dataRoot = fixedPath(data.root, 'data');
  const training = add(
    {
      ...draft,
      request: { ...draft.request, dataRoot },
      resumed: draft.resumed && { ...draft.resumed, dataRoot },
      outputs: iterations.map(stem),
    },
    fed.needs,
    place,
  );
  const models = iterations.map((iteration, i): PlannedModel => {
    const isLast = i === iterations.length - 1;
    const imported: Draft = {
      kind: 'import',
      label: isLast ? 'import' : `import-${iteration}`,
      verb: 'importFromCaffe',
      request: {
        prototxt: deploy.path,
        caffemodel: madeBy(training, stem(iteration)),
        mean: fed.mean,
        scale: fed.scale,
        resize: study.data.size,
        labels: labelsOf[definition.target],
        target: definition.target,
        ...(definition.preprocessing === 'r' ? { faceAlign: 'rotation' } : { faceAlign: 'similarity' }),
        output: inFolder(modelFile),
      },
      inputs: [deploy.input],
      outputs: [modelFile],
    };
    const unit = add(imported, [training, ...fed.needs], place);
    return { definition, fold, iteration, isLast, unit, file: madeBy(unit, modelFile) };
  });
  return { training, models };
}

const labelsOf: Readonly<Record<AdienceTarget, readonly string[]>> = {
  age: AGE_LABELS,
  gender: GENDER_LABELS,
};

/** The evaluation of a model on the test list of its own fold. */
export function planTest(
  { definition, fold, iteration, isLast, unit, file }: PlannedModel,
  [test, photos]: readonly [name: string, photos: 'i' | 'r'],
  { study, data, add }: Planning,
): Unit {
  const { target, name, architecture, preprocessing, initialisation } = definition;
  const crops = PREPROCESSINGS[photos];
  const [list, pictures] = [data.list(crops, fold, `${target}_test`), data.pictures(crops)];
  const isOwn = photos === (preprocessing === 'm' ? 'r' : preprocessing);
  return add(
    {
      kind: 'evaluate',
      label: isLast ? `evaluate-${test}` : `evaluate-${test}-${iteration}`,
      verb: 'evaluate',
      request: {
        models: [file],
        data: list.path,
        images: pictures.path,
        target,
        crops: study.crops,
        threads: study.threads,
        name,
        place: {
          ...{ architecture, preprocessing, initialisation },
          ...(!isOwn && { test: photos }),
          fold: String(fold),
        },
        output: inFolder('result'),
      },
      inputs: [],
      outputs: ['result/result.json', 'result/answers.csv'],
    },
    [unit, ...list.needs, ...pictures.needs],
    `${name}/fold-${fold}`,
  );
}

/** Iterations between snapshots of the paper's schedule: twenty to a hundred of each network. */
const paperSnapshots = '5000';

/** What a study asks of a training, as the stage of a specification says it. */
function stageOf(study: StudyFile, { name, weights }: DefinitionName): Stage {
  const { file, schedule } = study;
  const text = (value: string): YamlText => ({ text: value, where: file });
  const one = (value: YamlText): Choice => [['*', [value]]];
  const start = weights === undefined ? undefined : weightsFor(study, name, weights);
  const smoke = { max_iter: '2', test_iter: '1', test_interval: '2', display: '1', snapshot: '2' };
  const set = new Map<string, YamlText>([
    ...(schedule === 'paper' ? [['snapshot', text(paperSnapshots)] as const] : []),
    ...study.set,
    ...(schedule === 'smoke' ? Object.entries(smoke).map(([key, value]) => [key, text(value)] as const) : []),
  ]);
  return {
    where: `${file}: ${name}`,
    options: new Map<string, Choice>([
      ['solver', one(text(study.solver))],
      ['schedule', one(text(schedule === 'paper' ? 'paper' : 'as-committed'))],
      ...(start ? [['weights', one(start)] as const] : []),
      ...(study.threads === undefined ? [] : [['threads', one(text(String(study.threads)))] as const]),
    ]),
    pairs: new Map(set.size > 0 ? [['set', [...set]]] : []),
  };
}

function weightsFor({ weights, file }: StudyFile, name: string, key: string): YamlText {
  return (
    weights.get(key) ??
    fail(
      `${file}: weights`,
      `none for '${key}', which ${name} starts from`,
      `give '${key}: FILE.caffemodel', or leave it out by 'only'`,
    )
  );
}

/** A study in the words of a specification, for what the two have in common. */
const specOf = ({ file, definitions, version }: StudyFile): Spec => ({
  ...{ file, definitions, version, only: ['*'], folds: undefined, seeds: undefined, folder: 'units' },
  variables: new Map([
    [
      'target',
      [
        ['age_*', [{ text: 'age', where: file }]],
        ['*', [{ text: 'gender', where: file }]],
      ],
    ],
  ]),
  ...{ train: undefined, import: undefined, evaluate: new Map(), analyses: new Map() },
  ...{ faces: new Map(), regions: new Map() },
});

/** The data layers of a training, those of its first phase first; undefined where its file is not there. */
async function dataLayersOf(
  { solver, nets }: TrainingDraft,
  solverFile: string,
  files: PlannedFiles,
): Promise<readonly NamedLayer[] | undefined> {
  if (nets.length === 0)
    fail(
      solverFile,
      'its network stands in the solver itself',
      'write it into a file, and name that as its net',
    );
  const parsed: { readonly net: NetParameter; readonly file: string }[] = [];
  for (const file of nets) {
    const text = await files.text(file);
    if (text === undefined) return undefined;
    parsed.push({ net: upgradeNet(parsePrototxt(text, file), file), file });
  }
  const states = [solver.train.state, ...solver.tests.map(({ state }) => state)];
  return states.flatMap((state) =>
    parsed.flatMap(({ net, file }) =>
      filterNet(net, state, file)
        .layer.filter(({ type }) => type === 'Data' || type === 'ImageData')
        .map((layer) => ({ layer, file })),
    ),
  );
}

interface NamedLayer {
  readonly layer: LayerParameter;
  /** For errors. */
  readonly file: string;
}

/** What a definition's data layers read: the units that make it, and how its photos are prepared. */
interface Fed {
  readonly needs: readonly Unit[];
  readonly mean: PlannedPath | readonly number[] | undefined;
  readonly scale: number | undefined;
}

/** Errors: a path that the study does not make, of another fold, or with other labels. */
function feeds(
  layers: readonly NamedLayer[],
  definition: DefinitionName,
  fold: number,
  { data, note }: Planning,
): Fed {
  const made = new Map<string, MadeData>();
  const expected = expectedOf(definition, fold);
  for (const { path, where } of layers.flatMap(({ layer, file }) => dataPaths(layer, file))) {
    if (made.has(path)) continue;
    const named = parseDataPath(path, where);
    for (const mistake of pathMistakes(where, named, expected)) {
      // What the published definitions have, too, is told; what would make a study's results untrue ends it.
      if (mistake.kind !== 'alignment') fail(where, mistake.what, 'correct the path');
      note(definition.name, `${where}: ${mistake.what}`);
    }
    made.set(path, named.kind === 'mean' ? data.mean(named) : data.database(named));
  }
  const { meanFile, meanValue = [], scale = 1 } = layers[0]?.layer.transformParam ?? {};
  return {
    needs: [...made.values()].flatMap(({ needs }) => needs),
    mean: meanFile ? made.get(meanFile)?.path : meanValue.length > 0 ? meanValue : undefined,
    scale: scale === 1 ? undefined : scale,
  };
}

/** The iterations whose weights become models: the last one, or all that a training writes. */
function snapshotsOf({ snapshot, maxIter }: SolverSettings, { snapshots }: StudyFile): number[] {
  const count = snapshots === 'every' && snapshot > 0 ? Math.floor((maxIter - 1) / snapshot) : 0;
  return [...Array.from({ length: count }, (_, i) => (i + 1) * snapshot), maxIter];
}

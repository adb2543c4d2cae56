import { readdir } from 'node:fs/promises';
import { failPath } from '../../common/errno.node.ts';
import { fail } from '../../common/error.ts';
import { hashOf } from '../../common/hash.node.ts';
import {
  databaseFolder,
  LISTS,
  listFile,
  meanFile,
  type NamedDatabase,
  type NamedMean,
  PICTURES,
} from '../../data/definitions/layout.ts';
import { type AdienceAlignment, foldIndex } from '../../data/index.ts';
import type { Draft } from '../draft.ts';
import type { PlannedFiles } from '../files.node.ts';
import { type Read, reads } from '../stage.node.ts';
import { type Input, shortId, type Unit } from '../unit.ts';
import { fixedPath, type PlannedPath } from '../value.ts';
import type { StudyFile } from './studyfile.ts';

/** What a unit of a study stands on: a path, and the units that make it; none if it is there already. */
export interface MadeData {
  readonly path: PlannedPath;
  readonly needs: readonly Unit[];
}

/** The data of a study. Every list, database and picture is a unit once it is asked for, and only then. */
export interface StudyData {
  /** From the plan's folder on: where definitions find what they name. */
  readonly root: string;
  /** The folds that there are. */
  readonly folds: readonly number[];
  list(crops: AdienceAlignment, fold: number, name: string): MadeData;
  pictures(crops: AdienceAlignment): MadeData;
  database(which: Omit<NamedDatabase, 'kind' | 'target' | 'path'>): MadeData;
  mean(which: Omit<NamedMean, 'kind' | 'path'>): MadeData;
  /** A folder of so many pictures of a list. */
  sample(crops: AdienceAlignment, fold: number, name: string, count: number): MadeData;
}

/** Adds a unit to the plan, or finds the one of this name. */
export type AddUnit = (draft: Draft, needs: readonly Unit[], place: string) => Unit;

/** Lines of each list, and pictures of each database, where a study is only tried out. */
const mostInSmoke = 48;

/** Where a study's own data begin: folds in Adience's format, and pictures. */
interface Source {
  readonly folds: Read;
  readonly aligned: MadeData | undefined;
  readonly faces: MadeData | undefined;
  readonly numbers: readonly number[];
  readonly inputs: readonly Input[];
  readonly needs: readonly Unit[];
}

/** Plans the data of a study. Errors: folders that are not there, or not given. */
export async function studyData(study: StudyFile, files: PlannedFiles, add: AddUnit): Promise<StudyData> {
  const { data, version, schedule } = study;
  const id = await identityOf(study, files);
  const root = `data-${shortId(hashOf(JSON.stringify([id, data, version, schedule === 'smoke'])))}`;
  const at = (path: string): PlannedPath => fixedPath(path === '' ? root : `${root}/${path}`, path);
  const most = schedule === 'smoke' ? mostInSmoke : undefined;
  const source = await sourceOf(study, files, { root, at, add, most });

  const lists = (crops: AdienceAlignment): Unit =>
    add(
      {
        kind: 'lists',
        label: `lists-${crops}`,
        verb: 'dataLists',
        request: {
          folds: source.folds.path,
          preprocessing: crops,
          labels: data.labels,
          validation: data.validation,
          seed: data.seed,
          most,
          output: at(LISTS[crops]),
        },
        inputs: source.inputs,
        outputs: [],
        placed: [`${root}/${LISTS[crops]}/lists.json`],
      },
      source.needs,
      'data',
    );

  const pictures = (crops: AdienceAlignment): MadeData => {
    const { aligned, faces } = source;
    if (crops !== 'unaligned' && !aligned) failWithout(study, 'aligned');
    if (crops !== 'aligned' && !faces) failWithout(study, 'faces');
    if (crops === 'aligned') return aligned!;
    const squares = add(
      {
        kind: 'squares',
        label: 'squares',
        verb: 'dataSquare',
        request: { folder: faces!.path, output: at(PICTURES.squares) },
        inputs: [{ path: faces!.path.inUnit('') }],
        outputs: [],
      },
      faces!.needs,
      'data',
    );
    if (crops === 'unaligned') return { path: at(PICTURES.squares), needs: [squares] };
    const joined = add(
      {
        kind: 'join',
        label: 'mixed',
        verb: 'dataJoin',
        request: { folders: [aligned!.path, at(PICTURES.squares)], output: at(PICTURES.mixed) },
        inputs: [{ path: aligned!.path.inUnit('') }],
        outputs: [],
      },
      [...aligned!.needs, squares],
      'data',
    );
    return { path: at(PICTURES.mixed), needs: [joined] };
  };

  const list = (crops: AdienceAlignment, fold: number, name: string): MadeData => ({
    path: at(listFile(crops, fold, name)),
    needs: [lists(crops)],
  });

  const database: StudyData['database'] = ({ crops, fold, list: name }) => {
    const [lines, images] = [list(crops, fold, name), pictures(crops)];
    const path = databaseFolder({ crops, fold, list: name });
    const unit = add(
      {
        kind: 'database',
        label: `${crops}-fold-${fold}-${name}`,
        verb: 'dataLmdb',
        request: {
          lists: [lines.path],
          images: images.path,
          resize: data.size,
          shuffle: true,
          seed: data.seed,
          output: at(path),
        },
        inputs: [],
        outputs: [],
        placed: [`${root}/${path}/data.mdb`],
      },
      [...lines.needs, ...images.needs],
      'data',
    );
    return { path: at(path), needs: [unit] };
  };

  return {
    root,
    folds: source.numbers,
    list,
    pictures,
    database,
    mean({ crops, fold }) {
      // Of the faces for gender, also where ages are learned: as published.
      const pool = database({ crops, fold, list: 'gender_train' });
      const path = meanFile({ crops, fold });
      const unit = add(
        {
          kind: 'mean',
          label: `${crops}-fold-${fold}-mean`,
          verb: 'dataMean',
          request: { data: pool.path, output: at(path) },
          inputs: [],
          outputs: [],
          placed: [`${root}/${path}`],
        },
        pool.needs,
        'data',
      );
      return { path: at(path), needs: [unit] };
    },
    sample(crops, fold, name, count) {
      const [lines, images] = [list(crops, fold, name), pictures(crops)];
      const path = `photos/${crops}-fold-${fold}-${name}-${count}`;
      const unit = add(
        {
          kind: 'sample',
          label: `${crops}-fold-${fold}-${name}-${count}`,
          verb: 'dataSample',
          request: { list: lines.path, images: images.path, count, seed: data.seed, output: at(path) },
          inputs: [],
          outputs: [],
          placed: [`${root}/${path}/sample.txt`],
        },
        [...lines.needs, ...images.needs],
        'data',
      );
      return { path: at(path), needs: [unit] };
    },
  };
}

const failWithout = ({ file }: StudyFile, name: string): never =>
  fail(
    `${file}: data`,
    `no folder of ${name} faces`,
    `give '${name}', or leave out what needs them by 'preprocessing'`,
  );

/** What the data's folder is named after, besides what the study says: what is in the folds or the manifest. */
async function identityOf(
  { data }: StudyFile,
  files: PlannedFiles,
): Promise<readonly (string | undefined)[]> {
  if (data.kind === 'manifest') return [await files.sha256(data.manifest)];
  const names = await foldFiles(data.folds, files);
  return Promise.all(names.map(({ path }) => files.sha256(path)));
}

async function foldFiles(folder: string, files: PlannedFiles) {
  const names = await readdir(files.place(folder)).catch((error: unknown) => failPath(folder, error));
  return names
    .flatMap((name) => {
      const fold = foldIndex(name);
      return fold === undefined ? [] : [{ fold, path: `${folder}/${name}` }];
    })
    .sort((a, b) => a.fold - b.fold);
}

interface SourceContext {
  readonly root: string;
  readonly at: (path: string) => PlannedPath;
  readonly add: AddUnit;
  readonly most: number | undefined;
}

async function sourceOf(
  study: StudyFile,
  files: PlannedFiles,
  { root, at, add, most }: SourceContext,
): Promise<Source> {
  const { data } = study;
  const folder = async (path: string | undefined): Promise<MadeData | undefined> =>
    path === undefined ? undefined : { path: (await reads(files, path)).path, needs: [] };
  if (data.kind === 'adience') {
    const found = await foldFiles(data.folds, files);
    const inputs = await Promise.all(found.map(({ path }) => reads(files, path)));
    return {
      folds: await reads(files, data.folds),
      aligned: await folder(data.aligned),
      faces: await folder(data.faces),
      numbers: found.map(({ fold }) => fold),
      inputs: inputs.map(({ input }) => input),
      needs: [],
    };
  }
  const manifest = await reads(files, data.manifest);
  const images = data.images ?? resolveFolder(data.manifest);
  const { person, age, gender, between, folds, align, seed, size } = data;
  const unit = add(
    {
      kind: 'adience',
      label: 'adience',
      verb: 'dataAdience',
      request: {
        manifest: manifest.path,
        images: (await reads(files, images)).path,
        ...{ person, age, gender, between, folds, align, seed, size, most: most && most * folds },
        output: at('adience'),
      },
      inputs: [manifest.input],
      outputs: [],
      placed: Array.from({ length: folds }, (_, fold) => `${root}/adience/folds/fold_${fold}_data.txt`),
    },
    [],
    'data',
  );
  const made = (name: string): MadeData => ({ path: at(`adience/${name}`), needs: [unit] });
  return {
    folds: { path: at('adience/folds'), input: { path: `${root}/adience/folds` } },
    aligned: made('aligned'),
    faces: made('faces'),
    numbers: Array.from({ length: folds }, (_, fold) => fold),
    inputs: [],
    needs: [unit],
  };
}

/** The folder of a path as it is written. */
const resolveFolder = (path: string): string => path.split('/').slice(0, -1).join('/') || '.';

import { filterNet, type LayerParameter, type NetParameter, place, positionOf } from '../../caffe/index.ts';
import { whereOf } from '../../caffe/where.ts';
import { type AdienceAlignment, type AdienceTarget, AGE_LABELS, GENDER_LABELS } from '../lists/adience.ts';
import { type NamedDatabase, type NamedMean, readDataPath } from './layout.ts';
import { type DefinitionName, PREPROCESSINGS } from './name.ts';

/** What is known of the data that a definition should read; what is not is held against no path. */
export interface ExpectedData {
  /** Where that is known from: the definition's name, or the first of its paths. */
  readonly from: 'name' | 'paths';
  readonly target?: AdienceTarget | undefined;
  readonly alignment?: AdienceAlignment | undefined;
  /** The fold that is tested, which training must not see. */
  readonly fold?: number | undefined;
}

/** A path of a definition that does not fit its name, or something else in it that does not. */
export interface DefinitionMistake {
  readonly kind: 'alignment' | 'target' | 'fold' | 'tested-list' | 'classes' | 'net';
  /** `file:line:column`, and of a layer its name. */
  readonly where: string;
  /** A clause without a stop; it calls the definition `it`. */
  readonly what: string;
}

/** A path, and where the layer stands that names it. */
export interface DefinedPath {
  readonly path: string;
  readonly where: string;
}

export const expectedOf = ({ target, preprocessing }: DefinitionName, fold?: number): ExpectedData => ({
  ...{ from: 'name', target, fold },
  alignment: PREPROCESSINGS[preprocessing],
});

/** The fold in the name of a solver or a network, as the published ones have it: 3 of `train_val_test_fold_is_3.prototxt`. */
export function foldOfFile(file: string): number | undefined {
  const [, fold] = /fold_is_(\d+)\.prototxt$/.exec(file) ?? [];
  return fold === undefined ? undefined : Number(fold);
}

/** Where a path, named by a layer at `where`, does not fit what is expected of it. */
export function pathMistakes(
  where: string,
  named: NamedDatabase | NamedMean,
  { from, target, alignment, fold }: ExpectedData,
): DefinitionMistake[] {
  const found: DefinitionMistake[] = [];
  const says = from === 'name' ? 'its name says' : 'other paths are of';
  const say = (kind: DefinitionMistake['kind'], what: string) => void found.push({ kind, where, what });
  if (fold !== undefined && named.fold !== fold)
    say('fold', `'${named.path}' is of fold ${named.fold}, where fold ${fold} is tested`);
  if (target !== undefined && named.kind === 'database' && named.target !== target)
    say('target', `'${named.path}' has labels for ${named.target}, but ${says} ${target}`);
  if (alignment !== undefined && named.crops !== alignment)
    say('alignment', `${says} ${alignment} faces, but it reads '${named.path}'`);
  return found;
}

const classes: Readonly<Record<AdienceTarget, number>> = {
  age: AGE_LABELS.length,
  gender: GENDER_LABELS.length,
};

/**
 * What in a network's definition (V2, see `upgradeNet`) does not fit its name and file: faces brought into place in another way, another fold or target,
 * training on the list that is tested, another number of classes. Each path once. Paths that are in no layout known here are passed over.
 */
export function definitionMistakes(
  net: NetParameter,
  file: string,
  name?: DefinitionName,
): DefinitionMistake[] {
  const found: DefinitionMistake[] = [];
  const seen = new Set<string>();
  // A definition whose name says nothing should at least be of one mind.
  const fold = foldOfFile(file);
  let expected: ExpectedData | undefined = name && expectedOf(name, fold);
  for (const phase of ['train', 'test'] as const) {
    for (const layer of filterNet(net, { phase }, file).layer) {
      for (const { path, where } of dataPaths(layer, file)) {
        const named = readDataPath(path);
        if (!named) continue;
        if (phase === 'train' && named.kind === 'database' && named.list.endsWith('_test'))
          found.push({
            kind: 'tested-list',
            where,
            what: `it is trained on '${named.path}', on which it is tested`,
          });
        if (seen.has(path)) continue;
        seen.add(path);
        expected ??= { from: 'paths', alignment: named.crops, fold: fold ?? named.fold };
        found.push(...pathMistakes(where, named, expected));
      }
    }
  }
  return [...found, ...(name ? classMistakes(net, file, name.target) : [])];
}

/** What a data layer reads. */
export function dataPaths(layer: LayerParameter, file: string): DefinedPath[] {
  const { dataParam, imageDataParam, transformParam } = layer;
  return [dataParam?.source, imageDataParam?.source, transformParam?.meanFile].flatMap((path) =>
    path ? [{ path, where: whereOf(layer, file) }] : [],
  );
}

/** The last dense layer has an output for each class. */
function classMistakes(net: NetParameter, file: string, target: AdienceTarget): DefinitionMistake[] {
  const last = net.layer.findLast(({ innerProductParam }) => innerProductParam);
  const outputs = last?.innerProductParam?.numOutput;
  if (!last || outputs === undefined || outputs === classes[target]) return [];
  const at = positionOf(last.innerProductParam!);
  const where = at ? place(at) : whereOf(last, file);
  const what = `layer '${last.name}' tells ${outputs} classes apart; of ${target} there are ${classes[target]}`;
  return [{ kind: 'classes', where, what }];
}

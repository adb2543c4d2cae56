import { fail, failRequest } from '../common/error.ts';
import { count, isOrAre, plural } from '../common/format.ts';
import type { Between, Dataset } from '../data/index.ts';
import { type Command, Option } from './command.ts';
import { complain } from './errors.ts';

/** Where labelled pictures are. */
export interface SourceOptions {
  readonly images?: string;
  readonly pathColumn?: string;
  readonly labelColumns?: readonly string[];
}

/** How their labels are read. */
export interface ClassOptions {
  readonly ages?: string;
  readonly ageNotation: 'text' | 'class';
  readonly between: Between;
  readonly genders?: string;
}

export function withSourceOptions(given: Command): Command {
  return given
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--path-column <name>', 'the column of paths in a .csv manifest')
    .option(
      '--label-columns <names>',
      'the columns of labels in a .csv manifest: age,gender; others are groups',
      names,
    );
}

export function withClassOptions(given: Command): Command {
  return given
    .option('--ages <column>', "read this column's ages (35, 20-29, 70+) as Adience's eight classes")
    .addOption(
      new Option('--age-notation <kind>', 'how --ages are written: years and bands, or as class 0–7')
        .choices(['text', 'class'])
        .default('text'),
    )
    .addOption(
      new Option('--between <what>', 'ages that no class holds are dropped, or go to the nearest')
        .choices(['drop', 'nearest'])
        .default('drop'),
    )
    .option('--genders <column>', 'read this column as male 0, female 1');
}

export type DatasetOptions = SourceOptions & ClassOptions;

export const withDatasetOptions = (given: Command): Command => withClassOptions(withSourceOptions(given));

const names = (text: string): string[] => text.split(',').map((name) => name.trim());

/**
 * Opens labelled pictures, their labels read as the options say. Errors name the path, and the line or row; also a
 * column that is not there.
 */
export async function openSource(
  path: string,
  options: SourceOptions & Partial<ClassOptions>,
): Promise<Dataset> {
  const [{ adienceAges, adienceGenders, openDataset, relabel }, { nodeFiles }] = await Promise.all([
    import('../data/index.ts'),
    import('../common/files.node.ts'),
  ]);
  const { images, pathColumn, labelColumns, ages, ageNotation, between, genders } = options;
  const dataset = await openDataset(path, nodeFiles, {
    images,
    columns: { path: pathColumn, labels: labelColumns },
  });

  const column = (flag: string, name: string) =>
    dataset.labelColumns.includes(name)
      ? name
      : failRequest(
          flag,
          `there is no label column '${name}'`,
          `there are ${dataset.labelColumns.join(', ')}; see --label-columns`,
        );
  let read = dataset;
  if (ages !== undefined) {
    read = relabel(read, column('--ages', ages), adienceAges({ between, notation: ageNotation }));
  }
  if (genders !== undefined) read = relabel(read, column('--genders', genders), adienceGenders());
  return read;
}

/** Lists every file that is not there; then fails, unless they are to be skipped. */
export async function complainOfMissing(dataset: Dataset, skip = false): Promise<void> {
  if (skip) return;
  const missing = [...new Set(await dataset.missing())];
  if (missing.length === 0) return;
  for (const path of missing) complain(`${path}: no such file`);
  fail(
    dataset.name,
    `${count(missing.length)} of ${plural(dataset.size, 'picture')} ${isOrAre(missing.length)} missing`,
    'check --images, or go on without them: --skip-bad',
  );
}

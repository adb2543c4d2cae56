import type { Between } from '../../data/index.ts';
import { type Command, Option } from '../command.ts';

/** Where labelled pictures are, and how their labels are read. */
export interface DatasetOptions {
  readonly images?: string;
  readonly pathColumn?: string;
  readonly labelColumns?: readonly string[];
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

function withClassOptions(given: Command): Command {
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

export const withDatasetOptions = (given: Command): Command => withClassOptions(withSourceOptions(given));

const names = (text: string): string[] => text.split(',').map((name) => name.trim());

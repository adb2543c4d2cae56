import { withOutputs } from '../../common/outputs.node.ts';
import type { DataAdienceRequest } from '../../verbs/data/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { adienceAndPrint } from '../print/data.ts';

type Options = Omit<DataAdienceRequest, 'manifest'> & {
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function dataAdienceCommand(): Command {
  const given = command('adience')
    .summary('lay any photos with ages and genders out as Adience is, in folds by person')
    .description(
      'Lays any photos with ages and genders out as Adience is: folds/fold_K_data.txt with each person in one fold, and ' +
        'the pictures in aligned and faces, for limn data lists and for the published definitions. With --align the ' +
        'largest face of each photo is cut out in both ways; else photos are taken as they are.',
    )
    .argument('<manifest>', 'a .csv table of photos')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--images <folder>', "the folder that the table's paths start from; its own unless given")
    .option('--person <column>', 'who is in a photo; unless given every photo is of somebody else')
    .option('--age <column>', 'how old', 'age')
    .option('--gender <column>', 'of which gender', 'gender')
    .addOption(
      new Option('--between <rule>', "what becomes of ages that no class of Adience's holds")
        .choices(['drop', 'nearest'])
        .default('drop'),
    )
    .option('--folds <n>', 'how many folds', parseWhole(2), 5)
    .option('--align', 'find and cut out the largest face, aligned by landmarks and only rotated')
    .option('--size <pixels>', 'of what is cut out, on a side', parseWhole(1), 816)
    .option('--most <n>', 'the most photos, chosen at random', parseWhole(1))
    .option('--seed <n>', 'of the division into folds', parseWhole(), 0);
  return withExamples(withJson(withOverwrite(given)), [
    [
      'any faces, in five folds, aligned and not',
      'limn data adience faces/manifest.csv --align --size 256 -o laid-out',
    ],
  ]).action(layOut);
}

async function layOut(manifest: string, { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => adienceAndPrint({ manifest, ...options }, outputs, json));
}

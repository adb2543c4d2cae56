import { withOutputs } from '../../common/outputs.node.ts';
import type { DataSampleRequest } from '../../verbs/data/index.ts';
import { type Command, command, parseWhole, withExamples, withJson, withOverwrite } from '../command.ts';
import { sampleAndPrint } from '../print/data.ts';

type Options = Omit<DataSampleRequest, 'list'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function dataSampleCommand(): Command {
  const given = command('sample')
    .summary('copy some pictures of a list into a folder, evenly over its classes')
    .description(
      'Copies so many pictures of a list into a folder, as evenly over its classes as can be and else at random, with a ' +
        'list of them, sample.txt. Slashes in their paths become underscores.',
    )
    .argument('<list>', 'one `path label` per line')
    .requiredOption('--images <folder>', "the folder that the list's paths start from")
    .requiredOption('--count <n>', 'how many pictures', parseWhole(1))
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--seed <n>', 'of the choice', parseWhole(), 0);
  return withExamples(withJson(withOverwrite(given)), [
    [
      'forty faces to explain, five of each age',
      'limn data sample lists/test_fold_is_0/age_test.txt --images aligned --count 40 -o photos',
    ],
  ]).action(takeSample);
}

async function takeSample(list: string, { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => sampleAndPrint({ list, ...options }, outputs, json));
}

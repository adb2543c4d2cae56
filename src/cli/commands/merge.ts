import { withOutputs } from '../../common/outputs.node.ts';
import { type Command, command, withExamples, withJson, withOverwrite, withParquet } from '../command.ts';
import { mergeAndPrint } from '../print/merged.ts';

interface Options {
  readonly output: string;
  readonly parquet?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function mergeCommand(): Command {
  const given = command('merge')
    .description(
      'Puts the shards of one piece of work together, which were made with --shard: what it writes is what one call without ' +
        'shards writes, to the last bit. Shards of different models, data, settings ' +
        'or versions are refused. Of clusters and concepts the model and the photos that are shown are read again.',
    )
    .argument('<shards...>', 'the folders of all shards, in any order')
    .requiredOption(
      '-o, --output <folder>',
      'where to; the file of an average, as mean.png, and of answers, as answers.json',
    );
  return withExamples(withJson(withOverwrite(withParquet(given, 'the table'))), [
    ['an evaluation in four parts', 'limn merge part-1 part-2 part-3 part-4 -o results/age'],
  ]).action(mergeShards);
}

async function mergeShards(
  shards: readonly string[],
  { overwrite, json, ...options }: Options,
): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => mergeAndPrint({ shards, ...options }, outputs, json));
}

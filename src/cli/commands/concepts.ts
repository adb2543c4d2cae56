import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import type { ConceptsRequest } from '../../verbs/concepts/index.ts';
import {
  type Command,
  command,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withParquet,
  withRunOptions,
  withShard,
} from '../command.ts';
import { follow, goesOnAgain } from '../follow.ts';
import { formulaOf, withPropagationOptions } from '../options/methods.ts';
import { print, printJson } from '../output.ts';
import { conceptsText } from '../print/concepts.ts';
import { printShard } from '../print/shard.ts';

type Options = Omit<ConceptsRequest, 'model' | 'data' | 'formula'> & {
  readonly formula?: string;
  readonly shard?: Shard;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function conceptsCommand(): Command {
  const given = command('concepts')
    .description(
      'Says which channels of a network carry its decisions, and shows by photos what they may stand for (concept relevance ' +
        'propagation): those in which a channel carried most, cropped to where its relevance lies, beside those in which it ' +
        'is most active; which lower channel feeds which upper one; and of given photos, channel by channel, what spoke for ' +
        'their class. An interrupted call goes on where it stopped when it is repeated; a finished survey of the data serves ' +
        'other photos to explain, too.',
    )
    .argument('<model>', 'an .onnx model')
    .argument(
      '<data...>',
      'photos; or one set of them: a folder, an image list, an LMDB database, a .csv manifest',
    )
    .option('-o, --output <folder>', 'where to', 'concepts')
    .option(
      '--layers <name...>',
      'layers whose channels are analysed; unless given the last whose feature maps all ways to the scores lead through, ' +
        'and the one in the middle of such',
    )
    .option('--explain <photo...>', 'photos that are explained by the channels that carried their decision')
    .option('--target <what>', "class: predicted, an index, a label, 'A + B' or 'A vs B'", 'predicted')
    .option('--head <name>', 'the output that is explained; the first with classes unless given');
  const more = withPropagationOptions(given)
    .option('--channels <n>', 'that are shown of each layer, and of each explained photo', parseWhole(1), 6)
    .option('--references <n>', 'photos of each channel', parseWhole(1), 6)
    .option('--photos <n>', 'at most so many, spread evenly over the data', parseWhole(1))
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--batch <n>', 'photos per run', parseWhole(1), 8)
    .option('--no-sheets', 'draw no sheets, and make no page of them')
    .option('--skip-bad', 'go on without photos that are missing or cannot be read, and record them')
    .option('--restart', 'forget an unfinished or other survey in the folder');
  return withExamples(withJson(withOverwrite(withParquet(withRunOptions(withShard(more)), 'channels.csv'))), [
    ['what does this network look at?', 'limn concepts net.onnx photos/ -o concepts'],
    ['why this photo?', 'limn concepts net.onnx photos/ --explain cat.jpg -o concepts'],
    [
      'two layers by name, what tells one class from another',
      "limn concepts net.onnx photos/ --layers inception_4e/output inception_3b/output --target 'cat vs dog' -o two",
    ],
  ]).action(findConcepts);
}

async function findConcepts(
  model: string,
  data: readonly string[],
  { shard, overwrite, json = false, formula, ...options }: Options,
): Promise<void> {
  const [{ concepts, conceptsShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/concepts/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const asked = { ...options, model, data, formula: formulaOf(formula) };
  const request = asked as ConceptsRequest;
  goesOnAgain();
  const result = await follow((watch) =>
    withOutputs({ overwrite }, async (outputs) => {
      const host = nodeHostWith(outputs);
      return shard ? conceptsShard({ ...request, shard }, host, watch) : concepts(request, host, watch);
    }),
  );
  if ('shard' in result) return printShard(result, json);
  const { report, files } = result;
  if (json) printJson(report);
  else print(`${conceptsText(report)}\n${files.filter((file) => /\.(json|html)$/.test(file)).join('\n')}\n`);
}

import { percent } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { ConceptReport } from '../../concepts/index.ts';
import type { ConceptsEvent, ConceptsRequest } from '../../verbs/concepts/index.ts';
import {
  type Command,
  command,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from '../command.ts';
import { complain } from '../errors.ts';
import { withPropagationOptions } from '../options/methods.ts';
import { print, printJson } from '../output.ts';
import { EventProgress } from '../progress.ts';
import { table } from '../table.ts';

type Options = Omit<ConceptsRequest, 'model' | 'data' | 'formula'> & {
  readonly formula?: string;
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
      'layers whose channels are studied; unless given the last whose feature maps all ways to the scores lead through, ' +
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
  return withExamples(withJson(withOverwrite(withRunOptions(more))), [
    ['what does this network look at?', 'limn concepts net.onnx photos/ -o concepts'],
    ['why this photo?', 'limn concepts net.onnx photos/ --explain cat.jpg -o concepts'],
    [
      'two layers by name, what tells one class from another',
      "limn concepts net.onnx photos/ --layers inception_4e/output inception_3b/output --target 'cat vs dog' -o two",
    ],
  ]).action(study);
}

async function study(
  model: string,
  data: readonly string[],
  { overwrite, json = false, formula, ...options }: Options,
): Promise<void> {
  const [{ concepts }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/concepts/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const progress = new EventProgress();
  const on = (event: ConceptsEvent) => {
    if (event.kind === 'progress') return progress.on(event);
    progress.clear();
    complain(event.kind === 'note' ? event.text : event.failed.error);
  };
  const request = { ...options, model, data, formula: formula === undefined ? undefined : Number(formula) };
  const { report, files } = await withOutputs({ overwrite }, (outputs) =>
    concepts(request as ConceptsRequest, nodeHostWith(outputs), { on }),
  ).finally(() => progress.clear());
  if (json) printJson(report);
  else print(`${reportText(report)}\n${files.filter((file) => /\.(json|html)$/.test(file)).join('\n')}\n`);
}

/** A line for each channel that is shown, then what follows and what does not. */
function reportText({ layers, photos, findings, limits }: ConceptReport): string {
  const rows = [
    ...photos.flatMap(({ photo, layers: own }) =>
      own.flatMap(({ name, channels }) =>
        channels.map(({ channel, share }) => [photo, name, `${channel}`, percent(share), '']),
      ),
    ),
    ...layers.flatMap(({ name, concepts }) =>
      concepts.map(({ channel, share: { mean, low, high } }) => [
        'all photos',
        name,
        `${channel}`,
        percent(mean),
        low === undefined || high === undefined ? '' : `${percent(low)} to ${percent(high)}`,
      ]),
    ),
  ];
  const columns = ['in', 'layer', 'channel', 'share of relevance', '95 % interval'].map((title) => ({
    title,
  }));
  const said = (title: string, all: readonly string[]) =>
    all.length === 0 ? '' : `\n${title}\n${all.map((each) => `  ${each}\n`).join('')}`;
  return `${table(columns, rows)}${said('What this shows', findings)}${said('What it does not show', limits)}`;
}

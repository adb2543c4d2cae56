import { composites } from '../../relevance/composites/composites.ts';
import {
  type Command,
  command,
  Option,
  parseInputShape,
  parseWhole,
  withExamples,
  withJson,
} from '../command.ts';
import { sayNotes } from '../errors.ts';
import { print, printJson } from '../output.ts';
import { inspectedText } from '../print/network.ts';

interface Options {
  readonly phase: 'train' | 'test';
  readonly stage?: readonly string[];
  readonly level?: number;
  readonly inputShape?: readonly number[];
  readonly composite?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  const given = command('inspect')
    .description(
      'Lists the layers of a network with their shapes, parameters, multiply-adds and the rule that limn explain has ' +
        'for each, its preprocessing, labels and origin. Blocks that repeat are listed once, and layers that only move ' +
        'values, one behind the other, in one row. A network of Caffe needs ' +
        'no weights. The number of a layer is what --up-to of limn explain counts.',
    )
    .argument('<model>', '.onnx model, or network of Caffe as text')
    .addOption(
      new Option('--phase <name>', 'of a .prototxt: which layers take part')
        .choices(['train', 'test'])
        .default('test'),
    )
    .option('--stage <name...>', 'of a .prototxt: stages that hold')
    .option('--level <n>', 'of a .prototxt: the level', parseWhole(Number.MIN_SAFE_INTEGER))
    .option(
      '--input-shape <n,c,h,w>',
      'of a .prototxt: its input, where the file does not say',
      parseInputShape,
    )
    .addOption(
      new Option(
        '--composite <name>',
        'whose rules are listed; those of limn explain by default unless given',
      ).choices(Object.keys(composites)),
    )
    .option('--all', 'list every layer by itself');
  return withExamples(withJson(given), [
    ['an imported model', 'limn inspect net.onnx'],
    ["a network's definition", 'limn inspect deploy.prototxt'],
    ['which rule each layer gets', 'limn inspect net.onnx --composite epsilon-plus'],
    ['as it is trained', 'limn inspect train_val.prototxt --phase train'],
  ]).action(inspectModel);
}

async function inspectModel(
  model: string,
  { json = false, all = false, ...options }: Options,
): Promise<void> {
  const [{ inspect }, { nodeHost }] = await Promise.all([
    import('../../verbs/inspect/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const inspected = await inspect({ model, ...options }, nodeHost, sayNotes);
  if (json) printJson(inspected);
  else print(inspectedText(inspected, all));
}

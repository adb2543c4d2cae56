import { bytes, count, plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import {
  type Command,
  command,
  parseInputShape,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { note, sayNotes } from '../errors.ts';
import { print, printJson } from '../output.ts';

interface Options {
  readonly output: string;
  readonly seed: number;
  readonly inputShape?: readonly number[];
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function initCommand(): Command {
  const given = command('init')
    .description(
      "Makes untrained weights for a Caffe network from its layers' fillers, always the same for one seed. " +
        'A layer keeps its numbers when others are added.',
    )
    .argument('<prototxt>', 'the network, as it is trained or as it is deployed')
    .requiredOption('-o, --output <file>', 'the .caffemodel to write')
    .option('--seed <n>', 'of the random numbers', parseWhole(), 0)
    .option(
      '--input-shape <n,c,h,w>',
      'where the file does not say, or another size is wanted',
      parseInputShape,
    );
  return withExamples(withJson(withOverwrite(given)), [
    ['weights to start several trainings from', 'limn init train_val.prototxt --seed 7 -o init.caffemodel'],
    [
      'where the data layer does not crop',
      'limn init train_val.prototxt --input-shape 1,3,200,200 -o init.caffemodel',
    ],
  ]).action(initWeights);
}

async function initWeights(
  prototxt: string,
  { overwrite, json = false, ...options }: Options,
): Promise<void> {
  const [{ init }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/init/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const result = await withOutputs({ overwrite }, (outputs) =>
    init({ prototxt, ...options }, nodeHostWith(outputs), sayNotes),
  );
  if (json) return printJson(result);
  const { output, name, parameters, layers, seed, unfilled } = result;
  const size = `${bytes(result.bytes)}, ${count(parameters)} parameters in ${plural(layers, 'layer')}`;
  print(`${output}: ${name || 'net'}, ${size}, seed ${seed}\n`);
  if (unfilled.length > 0) note(`zeros, for want of a weight_filler: ${unfilled.join(', ')}`);
}

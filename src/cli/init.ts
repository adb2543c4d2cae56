import { dirname } from 'node:path';
import type { NetParameter } from '../caffe/index.ts';
import { failRequest } from '../common/error.ts';
import { bytes, count, plural } from '../common/format.ts';
import { type Command, command, shape, whole, withExamples, withJson } from './command.ts';
import { complain } from './errors.ts';
import { makeFolder, print, printJson } from './output.ts';

interface Options {
  readonly output: string;
  readonly seed: number;
  readonly inputShape?: readonly number[];
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
    .option('--seed <n>', 'of the random numbers', whole(), 0)
    .option('--input-shape <n,c,h,w>', 'where the file does not say, or another size is wanted', shape);
  return withExamples(withJson(given), [
    ['weights to start several trainings from', 'limn init train_val.prototxt --seed 7 -o init.caffemodel'],
    [
      'where the data layer does not crop',
      'limn init train_val.prototxt --input-shape 1,3,200,200 -o init.caffemodel',
    ],
  ]).action(init);
}

async function init(prototxt: string, options: Options): Promise<void> {
  const { output, seed, inputShape, json } = options;
  if (!/\.caffemodel$/i.test(output)) failRequest('--output', `expected a .caffemodel, got '${output}'`);
  const caffe = await import('../caffe/index.ts');
  const [{ importTraining }, { inputTypes }] = await Promise.all([
    import('../caffe/training/import.ts'),
    import('../caffe/layers/table.ts'),
  ]);
  const [{ initialWeights }, { weightsByLayer }] = await Promise.all([
    import('../training/initial.ts'),
    import('../training/run/snapshot.ts'),
  ]);
  const [{ readText }, { writeFileAtomic }] = await Promise.all([
    import('../common/file.node.ts'),
    import('../common/atomic.node.ts'),
  ]);
  const text = await readText(prototxt, 'a network definition');
  const parsed = caffe.upgradeNet(caffe.parsePrototxt(text, prototxt, complain), prototxt);
  const net = caffe.inputLayers(caffe.filterNet(parsed, { phase: 'train' }, prototxt), prototxt);
  const shapes = inputShape && shapesOf(net, inputShape.slice(1), inputTypes);
  const { parameters } = importTraining(net, prototxt, { phase: 'train', ...(shapes && { shapes }) });
  const { weights } = initialWeights(parameters, [], { seed, file: prototxt });
  const layers = weightsByLayer(net, parameters, weights);
  const file = caffe.writeCaffemodel(net, layers);
  await makeFolder(dirname(output));
  await writeFileAtomic(output, file);

  const zeros = parameters.filter(({ filler, shape }) => filler === undefined && shape.length > 1);
  const unfilled = zeros.map(({ blobs: [{ layer }] }) => layer);
  const values = [...weights.values()].reduce((sum, { length }) => sum + length, 0);
  if (json) {
    return printJson({
      output,
      bytes: file.length,
      name: net.name,
      layers: layers.size,
      parameters: values,
      seed,
      unfilled,
    });
  }
  const size = `${bytes(file.length)}, ${count(values)} parameters in ${plural(layers.size, 'layer')}`;
  print(`${output}: ${net.name || 'net'}, ${size}, seed ${seed}\n`);
  if (unfilled.length > 0) complain(`zeros, for want of a weight_filler: ${unfilled.join(', ')}`);
}

/** The shape of the pictures for every layer that brings some. */
const shapesOf = (
  net: NetParameter,
  picture: readonly number[],
  types: ReadonlySet<string>,
): ReadonlyMap<string, readonly number[]> =>
  new Map(net.layer.flatMap(({ name, type }) => (types.has(type) ? [[name, picture] as const] : [])));

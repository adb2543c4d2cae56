import { failRequest } from '../common/error.ts';
import { scoped } from '../common/scope.ts';
import type { Tested } from '../training/testing.ts';
import {
  type Command,
  collect,
  command,
  type RunOptions,
  whole,
  withExamples,
  withJson,
  withRunOptions,
} from './command.ts';
import { complain } from './errors.ts';
import { isPrototxt } from './model.ts';
import { print, printJson } from './output.ts';

interface TestOptions extends RunOptions {
  readonly model: string;
  readonly weights?: string;
  readonly data?: string;
  readonly batch: number;
  readonly iterations: number;
  readonly map: readonly string[];
  readonly dataRoot?: string;
  readonly json?: boolean;
}

export function testCommand(): Command {
  const given = command('test')
    .description(
      'Runs the test phase of a network on its own data, or an .onnx model on labelled pictures, and prints what it ' +
        "puts out on average, accuracy and loss, in Caffe's wording. limn evaluate says more.",
    )
    .requiredOption('--model <file>', 'train_val .prototxt, or an .onnx model')
    .option('--weights <files>', 'of a .prototxt: .caffemodel or .onnx, several with commas')
    .option('--data <path>', 'of an .onnx model: an image list or an LMDB database')
    .option('--batch <n>', 'of an .onnx model: pictures in a batch', whole(1), 50)
    .option('--iterations <n>', 'batches', whole(1), 50)
    .option(
      '--map <old=new>',
      'paths in the file that begin with OLD begin with NEW; repeatable',
      collect,
      [],
    )
    .option('--data-root <folder>', 'where databases, lists and means of other machines are looked for');
  return withExamples(withJson(withRunOptions(given)), [
    [
      'a snapshot, on the validation data of its network',
      'limn test --model train_val.prototxt --weights runs/first/net_iter_1000.caffemodel --iterations 100',
    ],
    ['a model on other data', 'limn test --model age.onnx --data age_val_lmdb --iterations 10'],
  ]).action(test);
}

async function test(options: TestOptions): Promise<void> {
  const { general } = await import('../training/run/wording.ts');
  const each = (batch: number, outputs: Tested['outputs']) => {
    if (options.json) return;
    for (const { name, value } of outputs) print(`Batch ${batch}, ${name} = ${general(value)}\n`);
  };
  const tested = await (isPrototxt(options.model) ? testNetwork(options, each) : testModel(options, each));
  if (options.json) {
    const { model, iterations } = options;
    return printJson({ model, iterations, ...tested });
  }
  print(`Loss: ${general(tested.loss)}\n`);
  for (const { name, value, weight } of tested.outputs) {
    const share = weight ? ` (* ${general(weight)} = ${general(weight * value)} loss)` : '';
    print(`${name} = ${general(value)}${share}\n`);
  }
}

type Each = (batch: number, outputs: Tested['outputs']) => void;

/** The test phase of a Caffe network. */
async function testNetwork(options: TestOptions, each: Each): Promise<Tested> {
  const { model: file, weights, data, iterations } = options;
  if (weights === undefined) failRequest('--weights', `${file} has none of its own`, 'give a .caffemodel');
  if (data !== undefined)
    failRequest('--data', `${file} names its data itself`, 'map it with --map or --data-root');
  const [
    { openNet, readNetFile, testCoverage },
    { noteText },
    { pathResolver },
    { readSource },
    { testWeights },
    { hostFor },
  ] = await Promise.all([
    import('../training/definition.node.ts'),
    import('../training/notes.ts'),
    import('../training/paths.node.ts'),
    import('../training/source.node.ts'),
    import('../training/test.node.ts'),
    import('./host.ts'),
  ]);
  const resolve = pathResolver({
    maps: options.map,
    ...(options.dataRoot !== undefined && { dataRoot: options.dataRoot }),
    tell: (path, found) => complain(`${path} is ${found}`),
  });
  const sources = await Promise.all(weights.split(',').map(readSource));
  const net = await readNetFile(file);
  return scoped(async (own) => {
    const fed = await openNet(net, { phase: 'test' }, { resolve, seed: 0, threads: 1, complain });
    own(fed.batches);
    for (const note of testCoverage(fed, iterations)) complain(noteText(note));
    const host = await hostFor(fed.graph.graph, iterations, options);
    return testWeights(fed, sources, host.runtime, host.session, { iterations, atOnce: host.workers, each });
  });
}

/** A model on labelled pictures, prepared as it says. */
async function testModel(options: TestOptions, each: Each): Promise<Tested> {
  const { model, data, weights } = options;
  if (weights !== undefined) failRequest('--weights', `${model} has its own`, 'leave them out');
  if (data === undefined)
    failRequest('--data', `${model} names no data`, 'give an image list or an LMDB database');
  const { testOnData } = await import('./test-model.ts');
  return testOnData({ ...options, data }, each);
}

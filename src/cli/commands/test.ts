import type { TestRequest } from '../../verbs/index.ts';
import type { TestEvent } from '../../verbs/test/test.node.ts';
import { type Command, command, parseWhole, withExamples, withJson, withRunOptions } from '../command.ts';
import { note } from '../errors.ts';
import { type PlaceOptions, withPlaceOptions } from '../options/place.ts';
import { print, printJson } from '../output.ts';

type Options = Omit<TestRequest, 'weights'> &
  PlaceOptions & { readonly weights?: string; readonly json?: boolean };

export function testCommand(): Command {
  const given = command('test')
    .description(
      'Runs the test phase of a network on its own data, or an .onnx model on labelled pictures, and prints what it ' +
        "puts out on average, accuracy and loss, in Caffe's wording. limn evaluate says more.",
    )
    .requiredOption('--model <file>', 'train_val prototxt, or an .onnx model')
    .option('--weights <files>', 'of a .prototxt: .caffemodel or .onnx, several with commas')
    .option('--data <path>', 'of an .onnx model: an image list or an LMDB database')
    .option('--batch <n>', 'of an .onnx model: pictures in a batch', parseWhole(1), 50)
    .option('--iterations <n>', 'batches', parseWhole(1), 50);
  withPlaceOptions(given, 'the file');
  return withExamples(withJson(withRunOptions(given)), [
    [
      'a snapshot, on the validation data of its network',
      'limn test --model train_val.prototxt --weights runs/first/net_iter_1000.caffemodel --iterations 100',
    ],
    ['a model on other data', 'limn test --model age.onnx --data age_val_lmdb --iterations 10'],
  ]).action(testModel);
}

async function testModel({ json = false, weights, ...options }: Options): Promise<void> {
  const [{ test }, { nodeHost }, { general }] = await Promise.all([
    import('../../verbs/test/test.node.ts'),
    import('../../hosts/node.node.ts'),
    import('../../training/run/wording.ts'),
  ]);
  const on = (event: TestEvent) => {
    if (event.kind === 'note') return note(event.text);
    if (json) return;
    for (const { name, value } of event.outputs) print(`Batch ${event.batch}, ${name} = ${general(value)}\n`);
  };
  const tested = await test({ ...options, weights: weights?.split(',') }, nodeHost, { on });
  if (json) {
    const { model, iterations, outputs, loss } = tested;
    return printJson({ model, iterations, outputs, loss });
  }
  print(`Loss: ${general(tested.loss)}\n`);
  for (const { name, value, weight } of tested.outputs) {
    const share = weight ? ` (* ${general(weight)} = ${general(weight * value)} loss)` : '';
    print(`${name} = ${general(value)}${share}\n`);
  }
}

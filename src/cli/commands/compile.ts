import { shapeText } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { CompileRequest } from '../../verbs/compile/index.ts';
import { compiledModel } from '../../verbs/usualnames.ts';
import { type Command, command, Option, withExamples, withJson, withOverwrite } from '../command.ts';
import { formulaOf, type LrpOptions, withLrpOptions, withStartOption } from '../options/methods.ts';
import { print, printJson } from '../output.ts';

interface Options extends LrpOptions {
  readonly start?: CompileRequest['start'];
  readonly head?: string;
  readonly layer?: readonly string[];
  readonly target: CompileRequest['target'];
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function compileCommand(): Command {
  const given = command('compile')
    .description(
      'Writes forward and relevance as one .onnx file, which plain ONNX Runtime executes in any language: image batch and ' +
        'target in; scores and relevance out.',
    )
    .argument('<model>', '.onnx model')
    .option('-o, --output <file>', 'the .onnx file to write; MODEL-explain.onnx here unless given');
  withStartOption(withLrpOptions(given))
    .option('--head <name>', 'the output to explain; the first with classes unless given')
    .option('--layer <name...>', 'relevance at these layers, too')
    .addOption(
      new Option(
        '--target <kind>',
        "input 'target': an index per image (-1: the predicted class), or weights of classes",
      )
        .choices(['index', 'weights'])
        .default('index'),
    );
  return withExamples(withJson(withOverwrite(given)), [
    ["the paper's setting", 'limn compile googlenet.onnx --composite iccv2017 -o googlenet-explain.onnx'],
    [
      "by the toolbox's code",
      'limn compile age.onnx --formula 102 --up-to 0 --variant faithful -o age-explain.onnx',
    ],
  ]).action(compileModel);
}

async function compileModel(
  model: string,
  { overwrite, json = false, formula, output = compiledModel(model), ...options }: Options,
): Promise<void> {
  const [{ compile }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/compile/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const request = { model, output, formula: formulaOf(formula), ...options };
  const result = await withOutputs({ overwrite }, (outputs) => compile(request, nodeHostWith(outputs)));
  if (json) return printJson(result);
  const { files, inputs, outputs, provenance } = result;
  print(`${files.join(', ')}: ${provenance['explanation.composite']}\n`);
  print(`${provenance['explanation.description']}\n`);
  for (const [kind, values] of [['input', inputs] as const, ['output', outputs] as const]) {
    for (const { name, type, shape } of values) print(`${kind} ${name}: ${type} ${shapeText(shape)}\n`);
  }
}

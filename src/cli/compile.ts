import { failRequest } from '../common/error.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import type { Start, TargetInput } from '../relevance/index.ts';
import { type Command, command, Option, withExamples, withJson, withOverwrite } from './command.ts';
import { usage } from './errors.ts';
import { type LrpOptions, lrpOf, withLrpOptions, withStartOption } from './methods.ts';
import { converter, loadModel, saveModel } from './model.ts';
import { print, printJson } from './output.ts';
import { shapeText } from './wording.ts';

interface Options extends LrpOptions {
  readonly start?: Start;
  readonly head?: string;
  readonly layer?: readonly string[];
  readonly target: TargetInput;
  readonly output: string;
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
    .requiredOption('-o, --output <file>', 'the .onnx file to write');
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
  ]).action((path: string, options: Options) =>
    withOutputs(options, (outputs) => compile(outputs, path, options)),
  );
}

async function compile(outputs: Outputs, path: string, options: Options): Promise<void> {
  const { composite: name, formula, injectAuxiliary, ...parameters } = lrpOf(options);
  outputs.reads([path]);
  await outputs.claim([options.output]);
  const { model, files } = await loadModel(path);
  outputs.reads(files);
  const { compileExplanation, defaultComposite, namedComposite, toolbox } = await import(
    '../relevance/index.ts'
  );
  const composite = usage(() =>
    formula === undefined
      ? namedComposite(name ?? defaultComposite(model.graph, parameters), parameters, model.info.layers)
      : toolbox(formula, parameters),
  );
  if (options.variant === 'faithful' && composite.variant !== 'faithful') {
    failRequest(
      '--variant',
      `composite '${composite.name}' has no faithful one`,
      'formula codes and iccv2017 have',
    );
  }
  const { start, head, layer: at, target } = options;
  const compiled = await compileExplanation(model, { composite, start, head, at, target, injectAuxiliary });
  const provenance: Record<string, string> = { ...compiled.info.provenance, ...converter() };
  const complete = { ...compiled, info: { ...compiled.info, provenance } };
  const written = await saveModel(options.output, complete, outputs.write);
  const { graph } = compiled;
  if (options.json)
    return printJson({
      output: options.output,
      files: written,
      inputs: graph.inputs,
      outputs: graph.outputs,
      provenance,
    });
  print(`${written.join(', ')}: ${provenance['explanation.composite']}\n`);
  print(`${provenance['explanation.description']}\n`);
  for (const [kind, values] of [['input', graph.inputs] as const, ['output', graph.outputs] as const]) {
    for (const { name: value, type, shape } of values)
      print(`${kind} ${value}: ${type} ${shapeText(shape)}\n`);
  }
}

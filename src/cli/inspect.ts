import { dirname } from 'node:path';
import type { State } from '../caffe/index.ts';
import { readBytes } from '../common/file.node.ts';
import { textOf } from '../common/filekind.ts';
import { bytes, count, scaled } from '../common/format.ts';
import type { Head, Model, Preprocessing, Tensor } from '../graph/index.ts';
import { type Command, command, Option, shape, whole, withExamples, withJson } from './command.ts';
import { complain } from './errors.ts';
import { converter, isPrototxt, loadModel, sha256 } from './model.ts';
import { print, printJson } from './output.ts';
import { table } from './table.ts';
import { preprocessingText, shapeText } from './wording.ts';

interface Options {
  readonly phase: 'train' | 'test';
  readonly stage?: readonly string[];
  readonly level?: number;
  readonly inputShape?: readonly number[];
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  const given = command('inspect')
    .description(
      'Lists the layers of a network with their shapes, parameters and multiply-adds, its preprocessing, labels and ' +
        'origin. A network of Caffe needs no weights. The number of a layer is what --up-to of limn explain counts.',
    )
    .argument('<model>', '.onnx model, or network of Caffe as text')
    .addOption(
      new Option('--phase <name>', 'of a .prototxt: which layers take part')
        .choices(['train', 'test'])
        .default('test'),
    )
    .option('--stage <name...>', 'of a .prototxt: stages that hold')
    .option('--level <n>', 'of a .prototxt: the level', whole(Number.MIN_SAFE_INTEGER))
    .option('--input-shape <n,c,h,w>', 'of a .prototxt: its input, where the file does not say', shape);
  return withExamples(withJson(given), [
    ['an imported model', 'limn inspect net.onnx'],
    ["a network's definition", 'limn inspect deploy.prototxt'],
    ['as it is trained', 'limn inspect train_val.prototxt --phase train'],
  ]).action(inspect);
}

async function inspect(path: string, options: Options): Promise<void> {
  const { model, file } = (await isPrototxt(path))
    ? await readDefinition(path, options)
    : await readModel(path);
  const [{ costs, infer }, { layerIndex, listLayers }] = await Promise.all([
    import('../operators/index.ts'),
    import('../relevance/layers.ts'),
  ]);
  const { graph, info } = model;
  const known = infer(graph);
  const cost = costs(graph, known);
  const index = layerIndex(graph, info.layers);
  const layers = graph.nodes.map((node) => {
    const number = index(node);
    return {
      index: Number.isFinite(number) ? number : null,
      name: node.name,
      type: node.op,
      output: known.shapes.get(node.outputs[0]!) ?? [],
      ...cost.get(node.name)!,
    };
  });
  const total = {
    layers: (info.layers ?? listLayers(graph)).length,
    nodes: layers.length,
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
  };
  if (options.json) {
    const { mean, ...rest } = info.preprocessing ?? {};
    const preprocessing = info.preprocessing && {
      ...rest,
      mean: isImage(mean) ? { image: mean.shape } : mean,
    };
    const { inputs, outputs } = graph;
    const { heads, provenance } = info;
    return printJson({
      name: graph.name,
      file,
      inputs,
      outputs,
      preprocessing,
      heads,
      provenance,
      layers,
      total,
    });
  }
  print(`${summary(model, file)}\n`);
  print(
    table(
      [
        { title: '#', align: 'right' },
        { title: 'layer' },
        { title: 'type' },
        { title: 'output' },
        { title: 'parameters', align: 'right' },
        { title: 'multiply-adds', align: 'right' },
      ],
      layers.map((layer) => [
        layer.index === null ? '' : String(layer.index),
        layer.name,
        layer.type,
        shapeText(layer.output),
        layer.parameters ? count(layer.parameters) : '',
        layer.multiplyAdds ? scaled(layer.multiplyAdds) : '',
      ]),
    ),
  );
  print(
    `\n${count(total.layers)} layers, ${count(total.parameters)} parameters, ` +
      `${scaled(total.multiplyAdds)} multiply-adds per image\n`,
  );
}

interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const factsOf = (path: string, data: Uint8Array): FileFacts => ({
  path,
  bytes: data.length,
  sha256: sha256(data),
});

async function readModel(path: string): Promise<{ model: Model; file: FileFacts }> {
  const { model, bytes: data } = await loadModel(path);
  return { model, file: factsOf(path, data) };
}

async function readDefinition(path: string, options: Options): Promise<{ model: Model; file: FileFacts }> {
  const data = await readBytes(path);
  const { importCaffe } = await import('../caffe/index.ts');
  const content = textOf(data, path, 'a network definition');
  const state = { phase: options.phase, stages: options.stage, level: options.level };
  const model = importCaffe({
    prototxt: { name: path, content },
    state,
    inputShape: options.inputShape ?? (await sizeInData(content, path, state)),
    tell: complain,
    ...converter(),
  });
  // Where it comes from is this very file.
  const info = { ...model.info, provenance: {} };
  return { model: { ...model, info }, file: factsOf(path, data) };
}

/** 1×C×H×W of what a network's first data layer makes, by its database or list; undefined where they are elsewhere. */
async function sizeInData(text: string, file: string, state: State): Promise<readonly number[] | undefined> {
  const { filterNet, parsePrototxt, upgradeNet } = await import('../caffe/index.ts');
  const net = filterNet(upgradeNet(parsePrototxt(text, file), file), state, file);
  const layer = net.layer.find(({ type }) => type === 'Data' || type === 'ImageData');
  if (!layer || layer.transformParam?.cropSize || net.input.length > 0) return undefined;
  const [{ pictureSize }, { pathResolver }] = await Promise.all([
    import('../training/batches/size.node.ts'),
    import('../training/paths.node.ts'),
  ]);
  const size = await pictureSize(layer, file, { resolve: pathResolver({ base: dirname(file) }) });
  return size && [1, ...size];
}

function summary({ graph, info }: Model, file: FileFacts): string {
  const rows = [
    ['network', graph.name],
    ['file', `${file.path}, ${bytes(file.bytes)}, sha256 ${file.sha256.slice(0, 16)}…`],
    ...graph.inputs.map(({ name, type, shape }) => ['input', `${name}: ${type} ${shapeText(shape)}`]),
    ...graph.outputs.map(({ name, shape }) => [
      'output',
      `${name}: ${outputText(name, info.heads)}${shapeText(shape)}`,
    ]),
    ...(info.preprocessing ? [['preprocessing', preprocessingText(info.preprocessing)]] : []),
    ...Object.entries(info.provenance),
  ];
  return table([{ title: '' }, { title: '' }], rows);
}

function outputText(name: string, heads: readonly Head[]): string {
  const head = heads.find(({ output }) => output === name);
  if (!head) return '';
  const labels = head.labels ? ` (${preview(head.labels)})` : '';
  return `${head.name === name ? '' : `${head.name}, `}${head.kind === 'classes' ? `classes${labels}` : 'a number'}, `;
}

function preview(labels: readonly string[]): string {
  const few = labels.slice(0, 4).map((label) => label.split(',')[0]);
  return few.join(' · ') + (labels.length > 4 ? ` · … ${count(labels.length)} in all` : '');
}

const isImage = (mean: Preprocessing['mean']): mean is Tensor<'float32'> =>
  mean !== undefined && 'data' in mean;

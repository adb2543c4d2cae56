import { join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { fail, failRequest } from '../common/error.ts';
import { short } from '../common/format.ts';
import { scoped } from '../common/scope.ts';
import type { Graph, Tensor, ValueInfo } from '../graph/index.ts';
import type { RunOptions } from './command.ts';
import { loadModel } from './model.ts';
import { fileName, makeFolder, print, printJson } from './output.ts';
import { table } from './table.ts';
import { checkShape, readFloats, readTensor } from './tensors.ts';
import { shapeText } from './wording.ts';

/** How a model is run. */
export interface ModelOptions extends RunOptions {
  readonly input: readonly string[];
  readonly outputs?: readonly string[];
  readonly output: string;
  readonly json?: boolean;
}

/** Feeds tensors to a model and writes those that it computes. */
export async function runModel(path: string, options: ModelOptions): Promise<void> {
  const { model } = await loadModel(path);
  const { graph } = model;
  const inputs = await readInputs(graph, path, options.input);
  const { infer, lower } = await import('../operators/index.ts');
  const known = infer(graph);
  const values = valuesOf(graph, path, options.outputs);
  const outputs = values.map(
    (name): ValueInfo => ({ name, type: known.types.get(name)!, shape: known.shapes.get(name)! }),
  );
  const { nodeRuntime } = await import('../runtime/onnxruntime.node.ts');
  await makeFolder(options.output);
  const results = await scoped(async (own) =>
    own(await nodeRuntime.load(lower({ ...graph, outputs }), options)).run(inputs),
  );

  const { writeNpy } = await import('../image/npy.ts');
  const files = names(values);
  const written: { name: string; file: string; shape: readonly number[] }[] = [];
  const rows: string[][] = [];
  for (const [i, name] of values.entries()) {
    const tensor = results[name]!;
    const file = join(options.output, `${files[i]}.npy`);
    await writeFileAtomic(file, writeNpy(tensor));
    written.push({ name, file, shape: tensor.shape });
    rows.push([name, shapeText(tensor.shape), ...range(tensor), file]);
  }
  if (options.json) return printJson({ model: path, outputs: written });
  print(
    table(
      [
        { title: 'tensor' },
        { title: 'shape' },
        { title: 'least', align: 'right' },
        { title: 'largest', align: 'right' },
        { title: 'file' },
      ],
      rows,
    ),
  );
}

async function readInputs(
  graph: Graph,
  path: string,
  given: readonly string[],
): Promise<Record<string, Tensor>> {
  const inputs: Record<string, Tensor> = {};
  for (const text of given) {
    const named = /^([^=]+)=(.+)$/.exec(text);
    const [info] = named ? graph.inputs.filter(({ name }) => name === named[1]) : graph.inputs;
    if (!info) {
      const all = graph.inputs.map(({ name }) => name).join(', ');
      fail(path, `there is no input '${named?.[1] ?? ''}'`, `it has ${all || 'none'}`);
    }
    if (info.name in inputs) failRequest('--input', `'${info.name}' is given twice`);
    const file = named ? named[2]! : text;
    const tensor = info.type === 'float32' ? await readFloats(file) : await readTensor(file);
    if (tensor.type !== info.type)
      fail(file, `it holds ${tensor.type}, input '${info.name}' is ${info.type}`);
    checkShape(file, tensor, info);
    inputs[info.name] = tensor;
  }
  const missing = graph.inputs.find(({ name }) => !(name in inputs));
  if (missing)
    failRequest('--input', `nothing for input '${missing.name}'`, `add --input ${missing.name}=FILE.npy`);
  return inputs;
}

/** The values asked for: by their own name, or by that of the layer that makes them. */
function valuesOf(graph: Graph, path: string, wanted: readonly string[] | undefined): string[] {
  if (!wanted) return graph.outputs.map(({ name }) => name);
  const made = graph.nodes.flatMap((node) => node.outputs.filter((output) => output !== ''));
  if (wanted.includes('all')) return made;
  const known = new Set(made);
  const values = wanted.map((name) => {
    const layer = graph.nodes.find((node) => node.name === name);
    return known.has(name)
      ? name
      : (layer?.outputs[0] ?? fail(path, `there is no output or layer '${name}'`, 'limn inspect lists them'));
  });
  return [...new Set(values)];
}

/** A file name for each value, numbered where two would be one. */
function names(values: readonly string[]): string[] {
  const used = new Set<string>();
  return values.map((value) => {
    let name = fileName(value);
    for (let i = 2; used.has(name.toLowerCase()); i++) name = `${fileName(value)}-${i}`;
    used.add(name.toLowerCase());
    return name;
  });
}

/** The least and the largest value; `NaN` if there is one. */
function range({ data }: Tensor): [string, string] {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const item of data) {
    const value = Number(item);
    if (Number.isNaN(value)) return ['NaN', 'NaN'];
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return [short(least), short(largest)];
}

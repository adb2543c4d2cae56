import { checkShape } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import type { Graph, Tensor, ValueInfo } from '../../graph/index.ts';
import { writeNpy } from '../../image/index.ts';
import { infer, lower } from '../../operators/index.ts';
import type { Host } from '../host.ts';
import { fileName, readFloats, readTensor } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type RunModelRequest, runModelRequest } from './request.ts';

/** A tensor that a model computed. */
export interface RunTensor {
  /** The value's name in the graph. */
  readonly name: string;
  readonly file: string;
  readonly shape: readonly number[];
  /** The least and the largest of its numbers; NaN if one is. */
  readonly least: number;
  readonly largest: number;
}

/** What a model put out. */
export interface RunModelResult {
  readonly model: string;
  readonly outputs: readonly RunTensor[];
}

/**
 * Feeds tensors to a model as they are, without any preparation, and writes the tensors that it computes as `.npy`.
 * Errors: the request's; an input that is missing or does not fit; no such output or layer.
 */
export async function runModel(
  request: RunModelRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<RunModelResult> {
  const {
    model: path,
    input,
    outputs: wanted,
    output,
    ...compute
  } = checkRequest(runModelRequest, request, signal);
  await host.files.makeFolder(output);
  const { graph } = (await host.files.readModel(path)).model;
  const inputs = await readInputs(graph, path, input, host);
  const known = infer(graph);
  const values = valuesOf(graph, path, wanted);
  const outputs = values.map((name): ValueInfo => {
    const [type, shape] = [known.types.get(name), known.shapes.get(name)];
    return type && shape ? { name, type, shape } : fail(path, `nothing is known of the value '${name}'`);
  });
  const files = distinctFiles(values).map((name) => host.files.join(output, `${name}.npy`));
  await host.files.claim(files);
  signal?.throwIfAborted();
  // As one of several: a session for one image only is not optimised to the end.
  const { runtime, session: options } = await host.compute(graph, 2, compute);
  const lowered = lower({ ...graph, outputs });
  const results = await scoped(async (own) => own(await runtime.load(lowered, options)).run(inputs));
  const written: RunTensor[] = [];
  for (const [i, name] of values.entries()) {
    const tensor = results[name];
    await host.files.write(files[i], writeNpy(tensor));
    written.push({ name, file: files[i], shape: tensor.shape, ...rangeOf(tensor) });
  }
  return { model: path, outputs: written };
}

async function readInputs(
  graph: Graph,
  path: string,
  given: readonly (string | { readonly name: string; readonly file: string })[],
  host: Host,
): Promise<Record<string, Tensor>> {
  const inputs: Record<string, Tensor> = {};
  for (const each of given) {
    const { name, file } = typeof each === 'string' ? { name: undefined, file: each } : each;
    const info = name === undefined ? graph.inputs[0] : graph.inputs.find((input) => input.name === name);
    if (!info) {
      const all = graph.inputs.map((input) => input.name).join(', ');
      return fail(path, `there is no input '${name ?? ''}'`, `it has ${all || 'none'}`);
    }
    if (info.name in inputs) failRequest(words`${field('input')}`, `'${info.name}' is given twice`);
    const tensor = info.type === 'float32' ? await readFloats(file, host) : await readTensor(file, host);
    if (tensor.type !== info.type)
      fail(file, `it holds ${tensor.type}, input '${info.name}' is ${info.type}`);
    checkShape(file, tensor, info);
    inputs[info.name] = tensor;
  }
  const missing = graph.inputs.find(({ name }) => !(name in inputs));
  if (missing) {
    failRequest(
      words`${field('input')}`,
      `nothing for input '${missing.name}'`,
      words`add ${field('input', `${missing.name}=FILE.npy`)}`,
    );
  }
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
      : (layer?.outputs[0] ?? fail(path, `there is no output or layer '${name}'`, 'inspect lists them'));
  });
  return [...new Set(values)];
}

/** A file name for each value, numbered where two would be one. */
function distinctFiles(values: readonly string[]): string[] {
  const used = new Set<string>();
  return values.map((value) => {
    let name = fileName(value);
    for (let i = 2; used.has(name.toLowerCase()); i++) name = `${fileName(value)}-${i}`;
    used.add(name.toLowerCase());
    return name;
  });
}

function rangeOf({ data }: Tensor): Pick<RunTensor, 'least' | 'largest'> {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const item of data) {
    const value = Number(item);
    if (Number.isNaN(value)) return { least: value, largest: value };
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return { least, largest };
}

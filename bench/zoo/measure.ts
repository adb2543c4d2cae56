import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { explainer, type Method } from '../../src/attribution/index.ts';
import { openRunner } from '../../src/classifier/index.ts';
import { LimnError } from '../../src/common/error.ts';
import { float32, int64, type Model, numbers, type Tensor } from '../../src/graph/index.ts';
import { heatmaps } from '../../src/image/index.ts';
import { readNpy } from '../../src/image/npy/npy.ts';
import { loadModel, nodeRuntime } from '../../src/node.node.ts';
import { attentions, infer, lower } from '../../src/operators/index.ts';
import { compileExplanation, defaultComposite, headOf, namedComposite } from '../../src/relevance/index.ts';
import type { SessionOptions } from '../../src/runtime/index.ts';
import { peakOf } from '../defaults/peak.ts';

/** One file that an exporter made of a network, or why it did not. */
export interface Exported {
  readonly file: string;
  readonly exporter: string;
  readonly opset: number;
  readonly dynamic: boolean;
  readonly failed?: string;
}

/** What `export.py` says of a network. */
export interface NetworkRecord {
  readonly family: string;
  readonly name: string;
  readonly files: readonly Exported[];
  /** How far PyTorch's own float32 scores are from float64, relative to the largest. */
  readonly float32: number;
  /** How far the gradient moves when the input does by 1e-6, relative to its largest value. */
  readonly kinks: number;
  /** How far PyTorch's own float32 gradient is from float64, relative to its largest value. */
  readonly gradient32?: number;
}

/** What limn makes of a file. Differences are relative to the largest value. */
export interface Outcome extends Exported {
  /** The commit that was measured. */
  readonly build?: string;
  readonly operators?: number;
  readonly scores?: number;
  readonly gradient?: number;
  /** How many images' gradients differ by more than rounding. */
  readonly apart?: number;
  readonly composite?: string;
  /** ΣR by the score, median over the images. */
  readonly kept?: number;
  /** The largest difference of relevance between one image alone and four, one thread and two, compiled or not. */
  readonly unstable?: number;
  /** The share of Σ|R| that the strongest thousandth of the pixels holds, the largest of the images'. */
  readonly peak?: number;
  /** How far DeepLIFT's relevance adds up to something else than the difference of the scores, by Σ|R| and a thousandth of the largest score. */
  readonly rest?: number;
  /** What explains a difference that is not limn's, in one line. */
  readonly note?: string | undefined;
  /** What is wrong, in one line. */
  readonly problem?: string | undefined;
}

const limits = { scores: 1e-5, gradient: 1e-4, unstable: 1e-3, rest: 1e-3 };

/** Imports a file, holds its scores and gradient to PyTorch's and explains its images. */
export async function measure(folder: string, record: NetworkRecord, exported: Exported): Promise<Outcome> {
  if (exported.failed !== undefined) return { ...exported, problem: `not exported: ${exported.failed}` };
  const array = (name: string): Tensor =>
    readNpy(new Uint8Array(readFileSync(join(folder, `${name}.npy`))), name);
  const x = float32(array('x').shape, numbers(array('x')));
  let found: Omit<Outcome, keyof Exported> = {};
  try {
    const { model } = await loadModel(join(folder, exported.file));
    infer(model.graph);
    found = { operators: model.graph.nodes.length };
    const isOfPyTorch = existsSync(join(folder, 'y.npy'));
    const expected = isOfPyTorch ? array('y') : await originalScores(join(folder, exported.file), model, x);
    found = { ...found, scores: difference(await scoresOf(model, x), expected) };
    // Weights that are one number everywhere have nothing to explain.
    if (isOfPyTorch) {
      const slopes = differences(await gradientOf(model, x, numbers(array('c'))), array('g'), x.shape[0]);
      const apart = slopes.filter((each) => !(each <= gradientLimit(record))).length;
      found = { ...found, gradient: Math.max(...slopes), apart };
      found = { ...found, ...(await explained(model, x)), ...(await byEveryMethod(model, x)) };
    }
    const [problem, note] = [problemOf(found, record), noteOf(found, record, model)];
    return { ...exported, ...found, ...(note && { note }), problem };
  } catch (error) {
    return { ...exported, ...found, problem: error instanceof Error ? error.message : String(error) };
  }
}

function problemOf(found: Partial<Outcome>, record: NetworkRecord): string | undefined {
  const { scores = 0, gradient: slopes = 0, apart = 0, unstable = 0, rest = 0 } = found;
  const percent = (value: number) => value.toExponential(1);
  // Deep networks of random weights amplify the rounding of float32, in PyTorch as in limn.
  if (!(scores <= Math.max(limits.scores, 4 * record.float32))) return `scores differ by ${percent(scores)}`;
  // An error shows in every image, two cells of a maximum that are equal but for rounding in one.
  if (apart > 1 && !(slopes <= gradientLimit(record) + 2 * (record.gradient32 ?? 0)))
    return `the gradient differs by ${percent(slopes)}`;
  if (!(unstable <= limits.unstable)) return `relevance depends on the batch by ${percent(unstable)}`;
  if (!(rest <= limits.rest)) return `DeepLIFT leaves out ${percent(rest)}`;
  return undefined;
}

const gradientLimit = ({ float32, kinks }: NetworkRecord): number =>
  Math.max(limits.gradient, 10 * float32) + 2 * kinks;

/** What else is to be said of a file that agrees. */
function noteOf(
  { gradient = 0, apart = 0 }: Partial<Outcome>,
  record: NetworkRecord,
  model: Model,
): string | undefined {
  const { batch } = model.info.provenance;
  if (gradient <= gradientLimit(record)) return batch && `read for ${batch}`;
  // Two values nearer than float32 tells: the larger of them gets the gradient, in PyTorch, too.
  const own = record.gradient32 ?? 0;
  return own > gradientLimit(record)
    ? `PyTorch's gradient in float32 differs by ${own.toExponential(1)}, too: near ties of a maximum`
    : `in ${apart === 1 ? 'one' : apart} of the images: near ties of a maximum`;
}

/** What ONNX Runtime makes of the file itself, image by image. */
async function originalScores(path: string, model: Model, x: Tensor<'float32'>): Promise<Tensor<'float32'>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const rows: number[] = [];
    const [, ...image] = x.shape;
    for (let i = 0; i < x.shape[0]; i++) {
      const feed = new OrtTensor('float32', rowsOf(x, i, i + 1), [1, ...image]);
      const results = await session.run({ [session.inputNames[0]]: feed });
      rows.push(...(results[headOf(model).output].data as Float32Array));
    }
    return float32([x.shape[0], rows.length / x.shape[0]], rows);
  } finally {
    await session.release();
  }
}

async function scoresOf(model: Model, x: Tensor<'float32'>): Promise<Tensor<'float32'>> {
  const runner = await openRunner(lower(model.graph), nodeRuntime, { session: { threads: 1 } });
  try {
    const { output } = headOf(model);
    return (await runner.run(x, [output]))[output];
  } finally {
    await runner.release();
  }
}

/** The gradient of each image's class, image by image where the file fixes how many there are. */
async function gradientOf(model: Model, x: Tensor<'float32'>, classes: readonly number[]): Promise<Tensor> {
  const made = explainer(model, nodeRuntime, { method: 'gradient', session: { threads: 1 } });
  try {
    return (await made.explain(x, { target: [...classes] })).relevance;
  } finally {
    await made.release();
  }
}

async function explained(model: Model, x: Tensor<'float32'>): Promise<Partial<Outcome>> {
  const composite = defaultComposite(model);
  const runs: Tensor<'float32'>[] = [];
  let scores: Tensor<'float32'> | undefined;
  let targets: number[] = [];
  for (const [batch, threads] of [
    [1, 1],
    [4, 1],
    [4, 2],
  ] as const) {
    const result = await explain(model, x, { method: 'lrp' }, batch, { threads });
    runs.push(result.relevance);
    scores = result.scores;
    targets = result.targets.map(({ classes }) => classes[0]);
  }
  const compiled = await compileExplanation(model, { composite: namedComposite(composite) });
  runs.push(await runCompiled(compiled, x));
  const [first, ...others] = runs;
  const n = x.data.length / x.shape[0];
  const maps = Array.from({ length: x.shape[0] }, (_, i) => first.data.subarray(i * n, (i + 1) * n));
  const shares = maps.map((map, i) => sum(map) / scores!.data[i * scores!.shape[1] + targets[i]]);
  return {
    composite,
    kept: [...shares].sort((a, b) => a - b)[Math.floor(shares.length / 2)],
    unstable: Math.max(...others.map((other) => difference(other, first, x.shape[0]))),
    peak: Math.max(...heatmaps(first).map(({ data }) => peakOf(data, 1e-3))),
  };
}

/** Methods with as few samples and squares as show that they work. */
const methods = (side: number): readonly Method[] => [
  { method: 'gradient-x-input' },
  { method: 'guided-backprop' },
  { method: 'deconvnet' },
  { method: 'excitation-backprop' },
  { method: 'smoothgrad', samples: 1 },
  { method: 'integrated-gradients', steps: 1 },
  { method: 'gradient-shap', samples: 1 },
  { method: 'grad-cam' },
  { method: 'grad-cam++' },
  { method: 'layer-cam' },
  { method: 'occlusion', window: side / 2, stride: side / 2 },
  { method: 'rise', samples: 2 },
  { method: 'kernel-shap', samples: 14, window: side / 2 },
];

/** Those that only some transformers have, which others refuse. */
const ofAttention: readonly Method[] = [{ method: 'attention-rollout' }, { method: 'chefer' }];

/**
 * Explains one image by every other method but Score-CAM, which runs once for each channel, and says how far DeepLIFT's relevance, against the next image, is from the difference
 * of the scores, by Σ|R|. Errors: what a method refuses; relevance that is not finite.
 */
async function byEveryMethod(model: Model, x: Tensor<'float32'>): Promise<Pick<Outcome, 'rest'>> {
  const image = float32([1, ...x.shape.slice(1)], rowsOf(x, 0, 1));
  const run = async (method: Method) => {
    // One run each does not repay the runtime's rearranging of graphs.
    const found = await explain(model, image, method, 1, { threads: 1, optimise: 'quick' });
    if (!found.relevance.data.every(Number.isFinite)) throw new Error(`${method.method} is not finite`);
    return found;
  };
  for (const method of methods(x.shape[3])) await run(method);
  for (const method of attentionBlocks(model) ? ofAttention : [])
    await run(method).catch((error) => {
      if (!(error instanceof LimnError)) throw error;
    });
  const baseline = float32(image.shape, rowsOf(x, 1, 2));
  const { relevance, completeness, scores } = await run({ method: 'deeplift', baseline });
  const [{ attributed, difference: expected }] = completeness!;
  // Where hardly anything of the score hangs on the image, the difference is the rounding of two scores.
  const largest = Math.max(...numbers(scores).map(Math.abs));
  return { rest: Math.abs(attributed - expected) / (sum(relevance.data.map(Math.abs)) + 1e-3 * largest) };
}

const attentionBlocks = ({ graph }: Model): boolean => attentions(graph, infer(graph)).length > 0;

async function explain(
  model: Model,
  x: Tensor<'float32'>,
  method: Method,
  batch: number,
  session: SessionOptions,
) {
  const made = explainer(model, nodeRuntime, { ...method, batch, session });
  try {
    return await made.explain(x);
  } finally {
    await made.release();
  }
}

/** A compiled explanation of the predicted classes, as plain ONNX Runtime would be given it. */
async function runCompiled({ graph }: Model, x: Tensor<'float32'>): Promise<Tensor<'float32'>> {
  const session = await nodeRuntime.load(graph, { threads: 1 });
  try {
    const [input, target] = graph.inputs;
    const fixed = input.shape[0];
    const step = typeof fixed === 'number' ? fixed : x.shape[0];
    const relevance = new Float32Array(x.data.length);
    for (let from = 0; from < x.shape[0]; from += step) {
      const part = float32([step, ...x.shape.slice(1)], rowsOf(x, from, from + step));
      const predicted = int64([step], new Array(step).fill(-1));
      const results = await session.run({ [input.name]: part, [target.name]: predicted });
      relevance.set(results.relevance.data as Float32Array, (from * x.data.length) / x.shape[0]);
    }
    return float32(x.shape, relevance);
  } finally {
    await session.release();
  }
}

/** The largest difference by the largest expected value; of the worst image where these are images. */
const difference = (actual: Tensor, expected: Tensor, images = 1): number =>
  Math.max(...differences(actual, expected, images));

/** The same image by image. */
function differences(actual: Tensor, expected: Tensor, images: number): number[] {
  const n = expected.data.length / images;
  return Array.from({ length: images }, (_, image) => {
    let [most, largest] = [0, 0];
    for (let i = image * n; i < (image + 1) * n; i++) {
      const [a, e] = [Number(actual.data[i]), Number(expected.data[i])];
      if (!Number.isFinite(a)) return Number.POSITIVE_INFINITY;
      most = Math.max(most, Math.abs(a - e));
      largest = Math.max(largest, Math.abs(e));
    }
    return largest > 0 ? most / largest : most;
  });
}

function rowsOf({ shape, data }: Tensor<'float32'>, from: number, to: number): Float32Array {
  const each = data.length / shape[0];
  return data.subarray(from * each, to * each);
}

const sum = (list: Float32Array): number => list.reduce((total, value) => total + value, 0);

import { fail } from '../common/error.ts';
import { firstNotFinite } from '../common/finite.ts';
import type { RunWatch } from '../common/progress.ts';
import { floats, type Head, type Model, type Shape, size, type Tensor } from '../graph/index.ts';
import { infer } from '../operators/index.ts';
import { compositeHash, describe, headOf, type RelevanceGraph, scoresBelow } from '../relevance/index.ts';
import type { Runtime, SessionOptions } from '../runtime/index.ts';
import type { Explanation } from './explanation.ts';
import { type ExplainOptions, type Method, methodName } from './method.ts';
import { prepareDeepLift } from './methods/deeplift.ts';
import { prepareGradientShap } from './methods/gradientshap.ts';
import { prepareIntegratedGradients } from './methods/integrated.ts';
import { prepareKernelShap } from './methods/kernelshap.ts';
import { prepareOcclusion } from './methods/occlusion.ts';
import { prepareRise } from './methods/rise.ts';
import { prepareScoreCam } from './methods/scorecam.ts';
import { prepareSingle } from './methods/single.ts';
import { prepareSmoothGrad } from './methods/smoothgrad.ts';
import type { Prepared, Setting } from './prepared.ts';
import { resolveTargets } from './resolve.ts';
import type { Target } from './target.ts';

/** A method with its parameters, and how batches of it are run. */
export type ExplainerOptions = Method &
  ExplainOptions & {
    /** Images (for methods of many passes: changed copies) per run; 8 unless given. */
    readonly batch?: number;
    /**
     * Every run takes exactly `batch` images, filled up if need be: its graph loads in half the time. For photos that
     * come one by one.
     */
    readonly fixed?: boolean;
    /** Runs at a time, for methods of many passes on a runtime with several workers; 1 unless given. */
    readonly parallel?: number;
    readonly session?: SessionOptions;
  };

/** What an explainer is asked of a batch. */
export interface ExplainerRequest extends RunWatch {
  /** One for all images, or a list with one for each; the predicted class unless given. */
  readonly target?: Target | readonly Target[] | undefined;
}

/** Explains batches with one method. Its sessions are loaded by the first batch and kept until released. */
export interface Explainer {
  /**
   * Explains images given as the network takes them, N×C×H×W float32. Errors: an input of another shape or with
   * numbers that are not finite, a target that does not exist, scores or relevance that are not finite; and what the
   * request's signal says when it aborts.
   */
  explain(input: Tensor, request?: ExplainerRequest): Promise<Explanation>;
  /** Frees the sessions; another batch would load them again. */
  release(): Promise<void>;
}

/**
 * Makes a method ready for a model. Errors: heads, layers, composites and parameters that do not exist or make no
 * sense; a model with more than one input.
 *
 * @example
 * ```ts
 * import { explainer, parseTarget, preprocess } from 'limn';
 * import { decodeFile, loadModel, nodeRuntime } from 'limn/node';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const photo = await decodeFile('demo/astronaut-face.png');
 * const input = preprocess([photo], model.info.preprocessing!);
 * const smooth = explainer(model, nodeRuntime, { method: 'smoothgrad', head: 'gender', samples: 5 });
 * const { relevance, targets } = await smooth.explain(input, { target: parseTarget('female vs male') });
 * console.log(relevance.shape, targets[0]);
 * await smooth.release();
 * ```
 */
export function explainer(model: Model, runtime: Runtime, options: ExplainerOptions): Explainer {
  const { graph } = model;
  methodName(options.method);
  if (graph.inputs.length !== 1)
    fail(graph.name, `it has ${graph.inputs.length} inputs`, 'only networks with one can be explained');
  const {
    batch = 8,
    parallel = 1,
    fixed = false,
    session,
    head: asked,
    start,
    at,
    conservation,
    ...method
  } = options;
  for (const [name, value] of Object.entries({ batch, parallel })) {
    if (!Number.isInteger(value) || value < 1) fail(name, `expected 1 or more, got ${value}`);
  }
  const head = headOf(model, asked);
  const classes = classCount(model, head);
  // What is derived of a model is known again by the method's own fields: how it is run is none of them.
  const { parameters, handling, run, release } = prepare(
    {
      ...{ head: asked, start, at, conservation, model, runtime, output: head, batch, parallel, fixed },
      ...(session && { session }),
    },
    method,
  );
  const description = { method: options.method, head: head.name, parameters };
  let rules: ReturnType<typeof rulesOf> | undefined;
  return {
    async explain(given, { target = 'predicted', ...watch } = {}) {
      const input = checkInput(given, graph.inputs[0].shape);
      const targets = resolveTargets(target, input.shape[0], head, classes);
      const explanation = await run(input, targets, watch);
      checkFinite(explanation.scores, `scores of '${head.name}'`, 'check the weights');
      checkFinite(explanation.relevance, 'relevance', 'try a larger epsilon, or another composite');
      rules ??= handling && rulesOf(handling);
      return { ...explanation, description: { ...description, ...(await rules) } };
    },
    release,
  };
}

async function rulesOf(handling: RelevanceGraph['handling']) {
  return { rules: describe(handling), hash: await compositeHash(handling) };
}

function prepare(setting: Setting, method: Method): Prepared {
  switch (method.method) {
    case 'smoothgrad':
      return prepareSmoothGrad(setting, method);
    case 'integrated-gradients':
      return prepareIntegratedGradients(setting, method);
    case 'gradient-shap':
      return prepareGradientShap(setting, method);
    case 'deeplift':
      return prepareDeepLift(setting, method);
    case 'occlusion':
      return prepareOcclusion(setting, method);
    case 'rise':
      return prepareRise(setting, method);
    case 'kernel-shap':
      return prepareKernelShap(setting, method);
    case 'score-cam':
      return prepareScoreCam(setting, method);
    default:
      return prepareSingle(setting, method);
  }
}

function classCount({ graph }: Model, head: Head): number {
  const shape = infer(graph).shapes.get(scoresBelow(graph, head.output));
  const classes = shape?.[1];
  return typeof classes === 'number' ? classes : fail(`head '${head.name}'`, `it has no classes: [${shape}]`);
}

function checkInput(given: Tensor, expected: Shape): Tensor<'float32'> {
  const data = floats(given, 'input');
  const { shape } = given;
  // How many images a run takes is settled later, also where the graph fixes it.
  const fits =
    shape.length === expected.length &&
    shape[0] >= 1 &&
    expected.slice(1).every((n, i) => typeof n !== 'number' || n === shape[i + 1]);
  if (!fits) fail('input', `its shape is [${shape}], the network takes [${['N', ...expected.slice(1)]}]`);
  if (data.length !== size(shape))
    fail('input', `shape [${shape}] needs ${size(shape)} numbers, got ${data.length}`);
  const input: Tensor<'float32'> = { type: 'float32', shape, data };
  checkFinite(input, 'input', 'check how it was made');
  return input;
}

function checkFinite({ shape, data }: Tensor<'float32'>, what: string, fix: string): void {
  const bad = firstNotFinite(data);
  if (bad < 0) return;
  const image = Math.floor((bad * shape[0]) / data.length);
  fail(`${what}, image ${image}`, `${data[bad]} among its numbers`, fix, { kind: 'item', item: image });
}

import { float32, type Model, type Tensor } from '../../graph/index.ts';
import {
  type Composite,
  defaultComposite,
  namedComposite,
  type RelevanceGraph,
  type RelevanceOptions,
  relevance,
  toolbox,
  withFreeNames,
} from '../../relevance/index.ts';
import {
  type AttentionMethod,
  type BackwardMethod,
  type CamMethod,
  checkOptions,
  type DeepLiftMethod,
  type ExplainOptions,
  type LrpMethod,
} from '../method.ts';
import { activationMap } from './activationmap.ts';
import { attentionMap } from './attention.ts';
import { baselineValues } from './baseline.ts';
import { timesInput } from './timesinput.ts';

/** The methods that one run of a graph computes. */
export type SinglePassMethod = LrpMethod | BackwardMethod | DeepLiftMethod | CamMethod | AttentionMethod;

/**
 * Forward and explanation as one graph, for any method but those of many passes. Inputs and outputs are those of {@link RelevanceGraph}.
 * Errors: an unknown composite, code, head or layer; options that the method has no meaning for.
 */
export function explanationGraph(
  given: Model,
  method: SinglePassMethod,
  options: ExplainOptions & Pick<RelevanceOptions, 'target' | 'once'> = {},
): RelevanceGraph {
  const start = checkOptions(method.method, options);
  const { model } = withFreeNames(given, options.head);
  const composite = compositeOf(method, model);
  const asked = { ...options, composite, start };
  switch (method.method) {
    case 'lrp':
      return relevance(model, { ...asked, injectAuxiliary: method.injectAuxiliary });
    case 'gradient-x-input':
      return timesInput(relevance(model, asked), model);
    case 'deeplift':
      return timesInput(relevance(model, { ...asked, reference: referenceOf(method, model) }), model);
    case 'grad-cam':
    case 'grad-cam++':
    case 'layer-cam':
      return activationMap(model, method, asked);
    case 'attention-rollout':
    case 'chefer':
      return attentionMap(model, asked, method);
    default:
      return relevance(model, asked);
  }
}

/** What a method's backward pass does at each kind of node. */
export function compositeOf(method: SinglePassMethod, model: Model): Composite {
  switch (method.method) {
    case 'lrp':
      return lrpComposite(method, model);
    case 'gradient-x-input':
    case 'grad-cam':
    case 'grad-cam++':
    case 'layer-cam':
    case 'attention-rollout':
    case 'chefer':
      return namedComposite('gradient');
    case 'deeplift':
      return rescaling;
    default:
      return namedComposite(method.method);
  }
}

function lrpComposite(method: LrpMethod, model: Model): Composite {
  if (typeof method.composite === 'object') return method.composite;
  if (method.formula !== undefined && method.composite === undefined) return toolbox(method.formula, method);
  const name = method.composite ?? defaultComposite(model, method);
  return namedComposite(name, method, model.info.layers);
}

/** DeepLIFT's: the rescale rule wherever values are computed, and not only moved. */
const rescaling: Composite = {
  name: 'deeplift',
  entries: [
    { match: { role: ['movement', 'index'] }, handling: 'gradient' },
    { match: {}, handling: 'rescale' },
  ],
};

/** The input that DeepLIFT compares with, 1×C×H×W. Errors: a baseline that does not fit the model. */
export function referenceOf(
  { baseline = 'zero' }: DeepLiftMethod,
  { graph, info }: Model,
): Tensor<'float32'> {
  const { shape } = graph.inputs[0];
  return float32([1, ...shape.slice(1).map(Number)], baselineValues(baseline, shape, info.preprocessing));
}

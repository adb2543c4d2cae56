import type { Model } from '../../graph/index.ts';
import {
  type Composite,
  defaultComposite,
  namedComposite,
  type RelevanceGraph,
  relevance,
  type TargetInput,
  toolbox,
  withFreeNames,
} from '../../relevance/index.ts';
import { checkOptions, type ExplainOptions, type LrpMethod, type Method } from '../method.ts';
import { attentionMap } from './attention.ts';
import { gradCam } from './gradcam.ts';
import { timesInput } from './timesinput.ts';

/** The methods that one run of a graph computes. */
export type SinglePassMethod = Exclude<
  Method,
  { method: 'smoothgrad' | 'integrated-gradients' | 'occlusion' }
>;

/**
 * Forward and explanation as one graph, for any method but those of many passes (SmoothGrad, integrated gradients,
 * occlusion). Inputs and outputs are those of {@link RelevanceGraph}.
 * Errors: an unknown composite, code, head or layer; options that the method has no meaning for.
 */
export function explanationGraph(
  given: Model,
  method: SinglePassMethod,
  options: ExplainOptions & { readonly target?: TargetInput } = {},
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
    case 'grad-cam':
      return gradCam(model, asked, method.layer);
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
    case 'attention-rollout':
    case 'chefer':
      return namedComposite('gradient');
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

import { fail, failRequest } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import type { Start, ToolboxOptions } from '../relevance/index.ts';
import { samplingDefaults } from './defaults.ts';
import { type ExplainOptions, isCam, type Method, methodName } from './method.ts';
import type { Baseline } from './methods/baseline.ts';
import type { Explained } from './perturbation.ts';

/** A method with its parameters and what all methods take, as flat fields: of a request, a form, the command line. */
export interface MethodFields extends ToolboxOptions {
  /** `lrp` unless given. */
  readonly method?: string | undefined;
  readonly composite?: string | undefined;
  readonly formula?: number | undefined;
  readonly injectAuxiliary?: boolean | undefined;
  readonly samples?: number | undefined;
  readonly noise?: number | undefined;
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
  readonly rule?: 'gauss-legendre' | 'midpoint' | undefined;
  readonly baseline?: Baseline | undefined;
  readonly window?: number | undefined;
  readonly stride?: number | undefined;
  readonly of?: Explained | undefined;
  readonly cells?: number | undefined;
  readonly keep?: number | undefined;
  /** Relevance at these layers, too; for class activation maps the one whose feature maps are used. */
  readonly layer?: readonly string[] | undefined;
  readonly head?: string | undefined;
  readonly start?: Start | undefined;
  readonly conservation?: boolean | undefined;
}

/** The fields of relevance propagation. */
const lrpFieldNames = [
  'composite',
  'formula',
  'epsilon',
  'beta',
  'gamma',
  'upTo',
  'lrn',
  'sums',
  'variant',
  'injectAuxiliary',
] as const satisfies readonly (keyof MethodFields)[];

/** Fields that belong to some methods only. */
const owners: Readonly<Partial<Record<keyof MethodFields, readonly Method['method'][]>>> = {
  ...Object.fromEntries(lrpFieldNames.map((name) => [name, ['lrp']])),
  samples: ['smoothgrad', 'gradient-shap', 'rise', 'kernel-shap'],
  noise: ['smoothgrad', 'gradient-shap'],
  seed: ['smoothgrad', 'gradient-shap', 'rise', 'kernel-shap'],
  steps: ['integrated-gradients'],
  rule: ['integrated-gradients'],
  baseline: [
    'integrated-gradients',
    'gradient-shap',
    'deeplift',
    'occlusion',
    'rise',
    'kernel-shap',
    'score-cam',
  ],
  window: ['occlusion', 'kernel-shap'],
  stride: ['occlusion'],
  cells: ['rise'],
  keep: ['rise'],
  of: ['occlusion', 'rise', 'kernel-shap', 'score-cam'],
};

/** The method that fields ask for. Errors, of kind `request`: fields of another method; a composite beside a formula code. */
export function methodOf(fields: MethodFields): Method & ExplainOptions {
  const method = methodName(fields.method ?? 'lrp');
  for (const [name, methods] of Object.entries(owners)) {
    if (fields[name as keyof MethodFields] === undefined || methods.includes(method)) continue;
    failRequest(words`${field(name)}`, `it means nothing to ${method}`, `it is for ${listed(methods)}`);
  }
  const {
    head,
    start,
    conservation,
    layer,
    samples,
    noise,
    seed,
    steps,
    rule,
    baseline,
    window,
    stride,
    of,
    cells,
    keep,
  } = fields;
  const common = { head, start, conservation, at: isCam(method) ? undefined : layer };
  switch (method) {
    case 'lrp':
      return { ...common, method, ...lrpOf(fields) };
    case 'smoothgrad':
      return { ...common, method, samples, noise, seed };
    case 'integrated-gradients':
      return { ...common, method, steps, rule, baseline };
    case 'occlusion':
      return { ...common, method, window, stride, of, fill: baseline };
    case 'gradient-shap':
      return { ...common, method, samples, baseline, noise, seed };
    case 'deeplift':
      return { ...common, method, baseline };
    case 'rise':
      return { ...common, method, samples, cells, keep, of, seed, fill: baseline };
    case 'kernel-shap':
      return { ...common, method, samples, window, of, seed, fill: baseline };
    case 'score-cam':
      return { ...common, method, layer: mapsOf(method, layer), of, fill: baseline };
    case 'grad-cam':
    case 'grad-cam++':
    case 'layer-cam':
      return { ...common, method, layer: mapsOf(method, layer) };
    default:
      return { ...common, method };
  }
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];

/** The layer whose feature maps are used. Errors, of kind `request`: more than one. */
function mapsOf(method: Method['method'], [first, ...more]: readonly string[] = []): string | undefined {
  if (more.length > 0) failRequest(words`${field('layer')}`, `${method} takes the feature maps of one layer`);
  return first;
}

/** The parameters of relevance propagation. Errors: a composite beside a formula code. */
export function lrpOf(fields: MethodFields): Pick<MethodFields, (typeof lrpFieldNames)[number]> {
  if (fields.composite !== undefined && fields.formula !== undefined)
    failRequest(
      words`${field('formula')}`,
      words`it and ${field('composite')} exclude each other`,
      'give one of them',
    );
  return Object.fromEntries(lrpFieldNames.map((name) => [name, fields[name]]));
}

/** How many times a method runs the network for one image, about. */
export function passesOf(method: Method): number {
  switch (method.method) {
    case 'smoothgrad':
      return (method.samples ?? samplingDefaults.smoothgrad.samples) + 1;
    case 'integrated-gradients':
      return (method.steps ?? samplingDefaults['integrated-gradients'].steps) + 1;
    case 'gradient-shap':
      return (method.samples ?? samplingDefaults['gradient-shap'].samples) + 2;
    case 'deeplift':
      return 2;
    case 'occlusion':
      return 100;
    case 'rise':
    case 'kernel-shap':
      return method.samples ?? samplingDefaults[method.method].samples;
    case 'score-cam':
      return 500;
    default:
      return 1;
  }
}

/** A baseline in words: `zero`, `black`, `gray`, `white` or a number. Errors: none of them. */
export function parseBaseline(text: string): Baseline {
  if (text === 'zero' || text === 'black' || text === 'gray' || text === 'white') return text;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  return fail(
    words`${field('baseline')}`,
    `'${text}' is none`,
    'give zero, black, gray, white, a number or X.npy',
    { kind: 'request' },
  );
}

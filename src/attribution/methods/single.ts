import { fail } from '../../common/error.ts';
import { counter } from '../../common/progress.ts';
import type { Model } from '../../graph/index.ts';
import type { Composite, Start } from '../../relevance/index.ts';
import { type CamMethod, checkOptions, isCam, type LrpMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { lastFeatureMaps } from './featuremaps.ts';
import { compositeOf, type SinglePassMethod } from './graph.ts';
import { openPass } from './pass.ts';

/** A method that one run of a graph computes. */
export function prepareSingle(setting: Setting, given: SinglePassMethod): Prepared {
  const start = checkOptions(given.method, setting);
  const method = isCamMethod(given)
    ? { ...given, layer: given.layer ?? lastFeatureMaps(setting.model, setting.output.output) }
    : given;
  const { run, handling, release } = openPass(setting, method, setting);
  return {
    parameters: parametersOf(method, setting.model, start),
    handling,
    run: (input, targets, watch) => run(input, targets, counter(watch, input.shape[0])),
    release,
  };
}

function parametersOf(method: SinglePassMethod, model: Model, start: Start): Prepared['parameters'] {
  switch (method.method) {
    case 'grad-cam':
    case 'grad-cam++':
    case 'layer-cam':
      return { layer: method.layer! };
    case 'attention-rollout':
    case 'chefer':
      return {};
    case 'lrp':
      return { ...lrpParameters(method, compositeOf(method, model)), start };
    default:
      return { start };
  }
}

/** The composite's name, the variant where there are two, and what was given besides. */
function lrpParameters(method: LrpMethod, { name, variant }: Composite): Prepared['parameters'] {
  if (method.composite !== undefined && method.formula !== undefined)
    fail('method lrp', 'both a composite and a formula code are given', 'choose one');
  if (method.variant === 'faithful' && variant !== 'faithful')
    fail(`composite '${name}'`, 'it has no faithful variant', 'the formula codes and iccv2017 have one');
  const given = (['epsilon', 'beta', 'gamma', 'upTo', 'lrn', 'sums', 'injectAuxiliary'] as const).flatMap(
    (key) => (method[key] === undefined ? [] : [[key, method[key]] as const]),
  );
  return { composite: name, ...(variant && { variant }), ...Object.fromEntries(given) };
}

const isCamMethod = (given: SinglePassMethod): given is CamMethod => isCam(given.method);

import { fail } from '../../common/error.ts';
import { count } from '../../common/format.ts';
import type { JsonField } from '../../common/json.ts';
import { quoted } from '../../common/quoted.ts';
import { toldByKind } from '../../common/refusals.ts';
import { failUnsupported } from '../../operators/index.ts';
import { activationNames, isActivation } from './activation.ts';
import { builtIn, layerOf, nodesOf } from './graph.ts';
import { isModel, kerasLayers, modelOf } from './keras.ts';
import { layerNames } from './layers.ts';
import { fusedActivations, operations } from './operations.ts';

/** Errors: layers, operations and activations of a model that are not supported, all of them at once, before any weight is needed. */
export function checkSupported(topology: JsonField, file: string): void {
  if (topology.at('node').value === undefined) checkLayers(topology, file);
  else checkOperations(topology, file);
}

/** A layer that is not supported, or its activation. */
interface Refused {
  readonly layer: string;
  readonly what: string;
  readonly isActivation: boolean;
}

function checkLayers(topology: JsonField, file: string): void {
  const refused = unsupportedLayers(modelOf(topology));
  const [first] = refused;
  if (!first) return;
  const known = refused.every((each) => each.isActivation) ? activationNames : layerNames;
  const fix = `known: ${known.join(', ')}`;
  if (refused.length === 1) {
    const what = first.isActivation ? `the ${first.what} is` : `layers of type ${first.what} are`;
    fail(`${file}: layer ${quoted(first.layer)}`, `${what} not supported`, fix);
  }
  const { told } = toldByKind(refused, {
    kind: ({ what }) => what,
    place: ({ layer }) => quoted(layer),
    noun: 'layer',
  });
  fail(
    file,
    `${count(refused.length)} layers have types or activations that are not supported: ${told}`,
    fix,
  );
}

/** Those of a model and of models in it. */
function unsupportedLayers(model: JsonField): Refused[] {
  return kerasLayers(model).flatMap((layer): Refused[] => {
    if (isModel(layer)) return unsupportedLayers(layer);
    const type = layer.at('class_name').string();
    if (type === 'InputLayer') return [];
    const config = layer.at('config');
    const name = config.at('name').string();
    if (!layerNames.includes(type)) return [{ layer: name, what: type, isActivation: false }];
    const { value: activation } = config.at('activation');
    return typeof activation === 'string' && !isActivation(activation)
      ? [{ layer: name, what: `activation '${activation}'`, isActivation: true }]
      : [];
  });
}

function checkOperations(topology: JsonField, file: string): void {
  const [first, ...rest] = nodesOf(topology).flatMap(({ name, op, attributes }) => {
    if (builtIn.has(op)) return [];
    if (!Object.hasOwn(operations, op)) return [{ name, op }];
    const activation = fusedActivations(attributes).find((step) => !isActivation(step));
    return activation === undefined ? [] : [{ name, op: `${op} with ${activation}` }];
  });
  if (!first) return;
  if (rest.length > 0) failUnsupported([first, ...rest], file);
  const known = Object.keys(operations).sort().join(', ');
  fail(
    `${file}: layer ${quoted(layerOf(first.name))}`,
    `the operation ${first.op} is not supported`,
    `known: ${known}`,
  );
}

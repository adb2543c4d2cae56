import { fail } from '../../common/error.ts';
import { checkToolboxTypes, isSize, type ToolboxLayer, toolboxForms, toolboxLayer } from './layer.ts';
import { NumpyArray, readPickle } from './pickle.ts';

/** One of the toolbox's objects as it lies in a pickle: what it holds, by name. */
interface Module {
  readonly [field: string]: unknown;
}

class Sequential {
  readonly modules?: unknown;
}

/** The layers of a network that the toolbox's Python modules pickled (`.nn`). Errors: as of `readPickle`; layers that lack a field. */
export function readToolboxObjects(bytes: Uint8Array, file: string): ToolboxLayer[] {
  const classes = new Map(
    Object.keys(toolboxForms).map((type) => [type, { [type]: class {} }[type]] as const),
  );
  const classOf = (name: string) => (name === 'Sequential' ? Sequential : classes.get(name));
  const network = readPickle(bytes, file, classOf);
  if (!(network instanceof Sequential) || !Array.isArray(network.modules))
    return fail(file, "a pickle of Python without one of the toolbox's networks in it");
  const modules = network.modules.map((module: Module, i) => ({
    module,
    type: module.constructor.name,
    place: `layer ${i + 1}`,
  }));
  checkToolboxTypes(modules, file);
  return modules.map(({ module, type, place }) => layerOf(module, type, `${file}: ${place}`));
}

function layerOf(module: Module, type: string, where: string): ToolboxLayer {
  const { weights } = toolboxForms[type];
  const array = (field: string): NumpyArray => {
    const value = module[field];
    return value instanceof NumpyArray ? value : fail(where, `${type} without an array ${field}`);
  };
  const pair = (field: string): number[] => {
    const value = module[field];
    const isPair = Array.isArray(value) && value.length === 2 && value.every(isSize);
    return isPair ? value : fail(where, `${type} without two whole numbers ${field}`);
  };
  if (weights === undefined) {
    const sizes = /Pool$/.test(type) ? [...pair('pool'), ...pair('stride')] : [];
    return toolboxLayer(type, sizes, [], where);
  }
  const [weight, bias] = [array('W'), array('B')];
  if (weight.shape.length !== weights)
    fail(where, `the weights of ${type} are [${weight.shape}], not of ${weights} axes`);
  const numbers = [...weight.data, ...bias.data];
  const odd = numbers.find((n) => !Number.isFinite(Math.fround(n)));
  if (odd !== undefined) fail(where, `${odd} is no finite number`);
  const sizes = [...weight.shape, ...(type === 'Convolution' ? pair('stride') : [])];
  return toolboxLayer(type, sizes, numbers, where);
}

import { fail } from '../../common/error.ts';
import type { JsonField } from '../../common/json.ts';
import type { Graph, Tensor } from '../../graph/index.ts';
import { TfBuilder } from './builder.ts';
import { convertLayer, inputShapeOf } from './layers.ts';
import type { TfDim, TfValue } from './values.ts';

type Weights = ReadonlyMap<string, Tensor<'float32'>>;

/**
 * The network of a layers model of TensorFlow.js: a Sequential or functional model of Keras, others nested in it. Its layers are all
 * of types that are supported. Errors name the layer.
 */
export function kerasGraph(topology: JsonField, weights: Weights, file: string): Graph {
  const model = modelOf(topology);
  const b = new TfBuilder(nameOf(model), file);
  const made = new Keras(b, weights).model(model, undefined);
  return b.build(made);
}

/** The model that a topology is, or wraps. */
export function modelOf(topology: JsonField): JsonField {
  const wrapped = topology.at('model_config');
  return wrapped.value === undefined ? topology : wrapped;
}

const models: readonly unknown[] = ['Sequential', 'Model', 'Functional'];

/** Whether a layer is a model with layers of its own. */
export const isModel = (layer: JsonField): boolean => models.includes(layer.at('class_name').value);

/** The layers of a model. Errors: a class that is no model. */
export function kerasLayers(model: JsonField): JsonField[] {
  const type = model.at('class_name').string();
  if (!isModel(model))
    fail(model.where, `a model of class ${type} is not supported`, 'Sequential and Model are');
  const config = model.at('config');
  return (Array.isArray(config.value) ? config : config.at('layers')).list((layer) => layer);
}

const nameOf = (model: JsonField): string => {
  const { value } = model.at('config');
  const name = Array.isArray(value) ? undefined : model.at('config').at('name').value;
  return typeof name === 'string' ? name : 'model';
};

class Keras {
  constructor(
    private readonly b: TfBuilder,
    private readonly weights: Weights,
  ) {}

  /** A model's outputs for inputs, or with inputs of its own. */
  model(model: JsonField, inputs: readonly TfValue[] | undefined): TfValue[] {
    const layers = kerasLayers(model);
    return model.at('class_name').value === 'Sequential'
      ? [this.sequential(model.at('config'), layers, inputs?.[0])]
      : this.functional(model.at('config'), layers, inputs);
  }

  private sequential(config: JsonField, layers: readonly JsonField[], given: TfValue | undefined): TfValue {
    let value = given;
    for (const layer of layers) {
      const settings = layer.at('config');
      if (layer.at('class_name').value === 'InputLayer') {
        value ??= this.input(settings);
        continue;
      }
      // Without a layer for it, the input is said by the first.
      const isModel = Array.isArray(settings.value) || settings.at('layers').value !== undefined;
      if (!value && !isModel) value = this.input(settings, 'input');
      [value] = this.layer(layer, value ? [value] : undefined);
    }
    return value ?? fail(config.where, 'it has no layers');
  }

  private functional(
    config: JsonField,
    layers: readonly JsonField[],
    inputs: readonly TfValue[] | undefined,
  ): TfValue[] {
    const values = new Map<string, readonly TfValue[]>();
    const entries = config.at('input_layers').list((entry) => place(entry));
    const given = new Map(inputs?.map((value, i) => [entries[i] ?? '', value]));
    for (const layer of layers) {
      const name = layer.at('name').string();
      if (layer.at('class_name').value === 'InputLayer') {
        values.set(`${name} 0`, [given.get(`${name} 0`) ?? this.input(layer.at('config'))]);
        continue;
      }
      // A layer that is used several times has a node for each.
      layer
        .at('inbound_nodes')
        .list((node) => node)
        .forEach((node, i) => {
          const sources = node.list((source) => valueAt(values, source));
          values.set(`${name} ${i}`, this.layer(layer, sources));
        });
    }
    return config.at('output_layers').list((entry) => valueAt(values, entry));
  }

  private layer(layer: JsonField, inputs: readonly TfValue[] | undefined): TfValue[] {
    const type = layer.at('class_name').string();
    const config = layer.at('config');
    if (isModel(layer)) return this.model(layer, inputs);
    const name = config.at('name').string();
    this.b.layer(name);
    return [convertLayer(this.b, type, config, inputs ?? [], (weight) => this.weight(name, weight))];
  }

  private input(config: JsonField, otherwise?: string): TfValue {
    const name = otherwise ?? config.at('name').string();
    const shape: readonly TfDim[] =
      inputShapeOf(config) ?? fail(config.where, 'it does not say the shape of its input');
    if (shape.slice(1).includes('N'))
      fail(config.where, `its input [${shape}] has no fixed size`, 'save the model with one');
    return this.b.input(name, shape);
  }

  /** Weights are named by their layer, within models and converted files behind the names of these. */
  private weight(layer: string, name: string): Tensor<'float32'> {
    const full = `${layer}/${name}`;
    const found = this.weights.get(full);
    if (found) return found;
    const nested = [...this.weights].filter(([key]) => key.endsWith(`/${full}`));
    return nested.length === 1 ? nested[0][1] : this.b.fail(`its weights '${full}' are missing`);
  }
}

/** Where a value comes from: layer, which use of it, which output. */
function place(entry: JsonField): string {
  const [name, node] = entry.list((part) => part.value);
  return `${name} ${node}`;
}

function valueAt(values: ReadonlyMap<string, readonly TfValue[]>, entry: JsonField): TfValue {
  const [, , output] = entry.list((part) => part.value);
  const found = values.get(place(entry))?.[Number(output)];
  return found ?? fail(entry.where, `layer '${place(entry)}' comes later, or there is none`);
}

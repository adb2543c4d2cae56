import type { LayerWeights, NetParameter } from '../../caffe/index.ts';
import type { Parameter } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { float32, size, type Tensor } from '../../graph/tensor.ts';

/** What a training has learned so far. */
export interface Learned {
  /** By parameter. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /**
   * What the solver remembers (momentum, squared gradients): for each of its sets, the array of every trained parameter
   * in the network's order. Trained are those whose lr_mult is not 0.
   */
  readonly histories: readonly (readonly Float32Array[])[];
}

/** Whether a parameter is trained. */
const isTrained = ({ rateFactor }: Parameter): boolean => rateFactor !== 0;

/**
 * The weights as a `.caffemodel` has them, by layer. Parameters that layers share stand in each of them, as in Caffe.
 * Errors: one that is missing, of another size, or not finite: by name.
 */
export function weightsByLayer(
  net: NetParameter,
  parameters: readonly Parameter[],
  weights: ReadonlyMap<string, Float32Array>,
): Map<string, LayerWeights> {
  const types = new Map(net.layer.map(({ name, type }) => [name, type]));
  const blobs = new Map<string, Tensor<'float32'>[]>();
  for (const { name, shape, blobs: places } of parameters) {
    const data = weights.get(name) ?? fail(`parameter '${name}'`, 'it has no weights');
    const tensor = checked(`parameter '${name}'`, shape, data);
    for (const { layer, blob } of places) {
      if (!blobs.has(layer)) blobs.set(layer, []);
      blobs.get(layer)![blob] = tensor;
    }
  }
  // In the network's order.
  return new Map(
    [...types].flatMap(([name, type]) => {
      const found = blobs.get(name);
      return found ? [[name, { type, blobs: found }] as const] : [];
    }),
  );
}

/**
 * Histories as a `.solverstate` has them: of all parameters, one set after the other; zeros for those that are not
 * trained, as Caffe has them. Errors: as {@link weightsByLayer}'s.
 */
export function historyBlobs(
  parameters: readonly Parameter[],
  histories: Learned['histories'],
): Tensor<'float32'>[] {
  return histories.flatMap((set, i) => {
    let next = 0;
    return parameters.map((parameter) => {
      const { name, shape } = parameter;
      if (!isTrained(parameter)) return float32(shape, new Float32Array(size(shape)));
      const where = `history ${i} of parameter '${name}'`;
      return checked(where, shape, set[next++] ?? fail(where, 'it is missing'));
    });
  });
}

function checked(where: string, shape: readonly number[], data: Float32Array): Tensor<'float32'> {
  if (data.length !== size(shape)) {
    fail(where, `${data.length} values do not fill its shape ${shape.join('×')}`);
  }
  // NaN and infinities are the only numbers that are not 0 when taken from themselves.
  const wrong = data.findIndex((x) => x - x !== 0);
  if (wrong >= 0) {
    fail(
      where,
      `element ${wrong} is ${data[wrong]}`,
      'go on from the last snapshot with a lower learning rate',
    );
  }
  return float32(shape, data);
}

/**
 * What was read, for the network and the solver that go on with it: `sets` is how many histories that type of solver
 * keeps of each parameter. Arrays may be views of what was read. Errors: another type of solver; by layer or history
 * what is missing, of another shape, or too many.
 */
export function restore(
  read: {
    readonly weights: ReadonlyMap<string, LayerWeights>;
    readonly history: readonly Tensor<'float32'>[];
    readonly files: { readonly model: string; readonly state: string };
    readonly run: { readonly solver: string } | undefined;
  },
  parameters: readonly Parameter[],
  { type, sets }: { readonly type: string; readonly sets: number },
): Learned {
  if (read.run && read.run.solver !== type) {
    fail(
      read.files.state,
      `written by the solver ${read.run.solver}, this one is ${type}`,
      words`put type: "${read.run.solver}" into the solver, or start from the .caffemodel as ${field('weights')}`,
    );
  }
  const weights = new Map(
    parameters.map(({ name, shape, blobs: [first] }) => {
      const where = `${read.files.model}: layer ${first.layer}: blob ${first.blob}`;
      const tensor = read.weights.get(first.layer)?.blobs[first.blob];
      return [name, fitting(tensor, shape, where).data] as const;
    }),
  );
  const expected = sets * parameters.length;
  if (read.history.length !== expected) {
    fail(
      read.files.state,
      `${read.history.length} histories, this solver needs ${expected}: ${sets} for each of ${parameters.length} parameters`,
      'go on with the network and the type of solver that it was written by',
    );
  }
  const histories = Array.from({ length: sets }, (_, set) =>
    parameters.flatMap((parameter, i) => {
      const at = set * parameters.length + i;
      const where = `${read.files.state}: history ${at} (${parameter.name})`;
      const { data } = fitting(read.history[at], parameter.shape, where);
      return isTrained(parameter) ? [data] : [];
    }),
  );
  return { weights, histories };
}

function fitting(
  tensor: Tensor<'float32'> | undefined,
  shape: readonly number[],
  where: string,
): Tensor<'float32'> {
  if (!tensor) return fail(where, 'it is missing', 'go on with the network that the snapshot is of');
  // Old Caffes give every blob four axes.
  const axes = (dims: readonly number[]) => dims.join('×').replace(/^(1×)+/, '');
  return axes(tensor.shape) === axes(shape)
    ? tensor
    : fail(
        where,
        `shape ${tensor.shape.join('×')}, the network has ${shape.join('×')}`,
        'go on with the network that the snapshot is of',
      );
}

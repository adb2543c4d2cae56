import { fail, LimnError } from '../common/error.ts';
import { type Node, opset as ours, type Shape, type ValueInfo } from '../graph/graph.ts';
import type { DataType, Tensor } from '../graph/tensor.ts';
import { inferNode } from '../operators/index.ts';
import { place } from './names.ts';
import { axes } from './upgrade/axes.ts';
import { inputs } from './upgrade/inputs.ts';
import { refused } from './upgrade/refused.ts';
import { resampling } from './upgrade/resampling.ts';
import { softmax } from './upgrade/softmax.ts';
import type { Dims, Site, Step } from './upgrade/step.ts';
import { training } from './upgrade/training.ts';

/** The operator sets that can be read. */
export const oldest = 7;
export const newest = 24;

const steps: readonly Step[] = [...refused, ...axes, ...inputs, ...softmax, ...training, ...resampling];

/** A network as read, not yet checked and in its own operator set. */
export interface Draft {
  readonly inputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly string[];
  /** The shapes that the file states for some values. */
  readonly stated: ReadonlyMap<string, Dims>;
}

/**
 * Writes the nodes, which must be sorted, of operator set `from` in limn's own. Operators that no step names are
 * taken over: they have not changed, or the operators' table will refuse them.
 * Errors: an operator set that is too old or too new; a form that the own one cannot express.
 */
export function upgrade(draft: Draft, from: number, file: string): Pick<Draft, 'nodes' | 'constants'> {
  if (from < oldest)
    fail(file, `operator set ${from} is too old`, `export the model with operator set ${ours}`);
  if (from > newest)
    fail(file, `operator set ${from} is newer than ${newest}, the newest known`, `export with ${ours}`);
  const constants = new Map(draft.constants);
  const shapes = new Map<string, Shape>(draft.inputs.map(({ name, shape }) => [name, shape]));
  const types = new Map<string, DataType>(draft.inputs.map(({ name, type }) => [name, type]));
  const hold = (name: string, tensor: Tensor) => {
    constants.set(name, tensor);
    shapes.set(name, tensor.shape);
    types.set(name, tensor.type);
  };
  for (const [name, tensor] of draft.constants) hold(name, tensor);
  const names = new Set([
    ...constants.keys(),
    ...draft.nodes.flatMap((node) => node.outputs),
    ...draft.stated.keys(),
  ]);
  const users = new Set([...draft.outputs, ...draft.nodes.flatMap((node) => node.inputs)]);
  const dimsOf = (value: string): Dims =>
    shapes.get(value)?.map((dim) => (typeof dim === 'number' ? dim : undefined)) ?? draft.stated.get(value);
  const nodes: Node[] = [];
  for (const node of draft.nodes) {
    const fresh = (): string => {
      for (let i = 1; ; i++) {
        const name = `${node.name}/${i}`;
        if (names.has(name)) continue;
        names.add(name);
        return name;
      }
    };
    const site: Site = {
      constant: (value) => (value ? constants.get(value) : undefined),
      dims: (value) => (value ? dimsOf(value) : undefined),
      opset: from,
      fresh,
      add: (tensor) => {
        const name = fresh();
        hold(name, tensor);
        return name;
      },
      used: (value) => users.has(value),
      fail: (what, fix) => fail(place(file, node), what, fix),
    };
    let forms: readonly Node[] = [node];
    for (const step of steps) {
      if (
        (step.before !== undefined && from >= step.before) ||
        (step.since !== undefined && from < step.since)
      )
        continue;
      forms = forms.flatMap((form) => (step.ops.includes(form.op) ? step.convert(form, site) : form));
    }
    for (const form of forms) {
      inferIfKnown(form, shapes, types, constants);
      nodes.push(form);
    }
  }
  return { nodes, constants };
}

/** Shapes behind operators or forms that limn does not know stay unknown: only conversions that need them fail. */
function inferIfKnown(
  node: Node,
  shapes: Map<string, Shape>,
  types: Map<string, DataType>,
  constants: ReadonlyMap<string, Tensor>,
): void {
  try {
    inferNode(node, shapes, types, { shapes, types, constants });
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
  }
}

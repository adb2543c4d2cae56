import { fail } from '../common/error.ts';
import { type Node, opset as ours } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Dims, outputDims } from './dims.ts';
import { place } from './names.ts';
import { axes } from './upgrade/axes.ts';
import { inputs } from './upgrade/inputs.ts';
import { refused } from './upgrade/refused.ts';
import { resampling } from './upgrade/resampling.ts';
import { softmax } from './upgrade/softmax.ts';
import type { Site, Step } from './upgrade/step.ts';
import { training } from './upgrade/training.ts';

/** The operator sets that can be read. */
export const oldest = 7;
export const newest = 24;

const steps: readonly Step[] = [...refused, ...axes, ...inputs, ...softmax, ...training, ...resampling];

/** A network as read, not yet checked and in its own operator set. */
export interface Draft {
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
  const estimates = new Map<string, Dims>();
  const names = new Set([
    ...constants.keys(),
    ...draft.nodes.flatMap((node) => node.outputs),
    ...draft.stated.keys(),
  ]);
  const users = new Set([...draft.outputs, ...draft.nodes.flatMap((node) => node.inputs)]);
  const known = {
    constant: (value: string | undefined) => (value ? constants.get(value) : undefined),
    dims: (value: string | undefined): Dims =>
      value ? (constants.get(value)?.shape ?? draft.stated.get(value) ?? estimates.get(value)) : undefined,
  };
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
      ...known,
      opset: from,
      fresh,
      add: (tensor) => {
        const name = fresh();
        constants.set(name, tensor);
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
      if (form.outputs[0]) estimates.set(form.outputs[0], outputDims(form, known));
      nodes.push(form);
    }
  }
  return { nodes, constants };
}

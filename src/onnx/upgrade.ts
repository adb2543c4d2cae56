import { fail } from '../common/error.ts';
import { type Node, opset as ours } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { nodePlace } from './names.ts';
import { attention } from './upgrade/attention.ts';
import { axes } from './upgrade/axes.ts';
import { columns } from './upgrade/columns.ts';
import { convolutions } from './upgrade/convolution.ts';
import { cumsum } from './upgrade/cumsum.ts';
import { einsum } from './upgrade/einsum.ts';
import { fused } from './upgrade/fused.ts';
import { inputs } from './upgrade/inputs.ts';
import { normalisation } from './upgrade/normalisation.ts';
import { quantised } from './upgrade/quantised.ts';
import { refused } from './upgrade/refused.ts';
import { resampling } from './upgrade/resampling.ts';
import { softmax } from './upgrade/softmax.ts';
import type { Upgrade, UpgradeSite } from './upgrade/step.ts';
import { training } from './upgrade/training.ts';

/** The operator sets that can be read. */
export const oldest = 7;
export const newest = 24;

const steps: readonly Upgrade[] = [
  ...refused,
  ...quantised,
  ...fused,
  ...convolutions,
  ...axes,
  ...inputs,
  ...softmax,
  ...training,
  ...resampling,
  ...normalisation,
  ...attention,
  ...cumsum,
  ...einsum,
  ...columns,
];

/** Whether an operator of a domain, ONNX's own where that is empty, is written in limn's own, or refused with the reason. */
export const isConverted = (domain: string, op: string): boolean =>
  steps.some((step) => (step.domain ?? '') === domain && step.ops.includes(op));

/** What is known around a node that is converted. */
export interface Surroundings
  extends Pick<UpgradeSite, 'constant' | 'dims' | 'type' | 'used' | 'takesImages'> {
  readonly file: string;
  /** A name that no value has, which begins with the given one. */
  fresh(stem: string): string;
  hold(name: string, tensor: Tensor): void;
}

/** Errors: an operator set that is too old or too new. */
export function checkOpset(opset: number, file: string): void {
  if (opset < oldest)
    fail(file, `operator set ${opset} is too old`, `export the model with operator set ${ours}`);
  if (opset > newest)
    fail(file, `operator set ${opset} is newer than ${newest}, the newest known`, `export with ${ours}`);
}

/**
 * A node of operator set `from` in limn's own. Operators that no step names are taken over: they have not changed, or
 * the operators' table will refuse them. Errors: a form that the own operator set cannot express.
 */
export function upgrade(node: Node, from: number, around: Surroundings): readonly Node[] {
  const fresh = () => around.fresh(node.name);
  const site: UpgradeSite = {
    constant: around.constant,
    dims: around.dims,
    type: around.type,
    used: around.used,
    takesImages: around.takesImages,
    opset: from,
    fresh,
    add(tensor) {
      const name = fresh();
      around.hold(name, tensor);
      return name;
    },
    fail: (what, fix) => fail(nodePlace(around.file, node), what, fix),
  };
  const forms = steps
    .filter(
      ({ before, since }) =>
        (before === undefined || from < before) && (since === undefined || from >= since),
    )
    .reduce<readonly Node[]>(
      (forms, step) =>
        forms.flatMap((form) =>
          step.domain === form.domain && step.ops.includes(form.op) ? step.convert(form, site) : form,
        ),
      [node],
    );
  // Steps move the inputs that a file should have given.
  for (const { inputs } of forms) {
    const missing = inputs.findIndex((input) => typeof input !== 'string');
    if (missing >= 0) site.fail(`input ${missing} is missing`);
  }
  return forms;
}

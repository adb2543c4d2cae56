import { fail } from '../common/error.ts';
import { size, type ValueInfo } from '../graph/index.ts';
import type { Tensors } from './session.ts';

/**
 * Holds inputs against what a graph declares, so that ONNX Runtime never sees wrong ones.
 * Errors: an input is missing, unknown, of another type, or of a shape that does not fit.
 */
export function checkInputs(graph: string, declared: readonly ValueInfo[], given: Tensors): void {
  for (const name of Object.keys(given)) {
    if (!declared.some((info) => info.name === name)) {
      fail(`input '${name}'`, `'${graph}' has no such input`, `it has ${list(declared)}`);
    }
  }
  // A name stands for the same number wherever it is met.
  const sizes = new Map<string, { size: number; input: string }>();
  for (const info of declared) {
    const where = `input '${info.name}'`;
    const tensor = Object.hasOwn(given, info.name) ? given[info.name] : undefined;
    if (!tensor) fail(where, 'is missing', `give ${describe(info)}`);
    const { type, shape, data } = tensor;
    const fits =
      type === info.type &&
      shape.length === info.shape.length &&
      info.shape.every((dim, axis) => typeof dim === 'string' || dim === shape[axis]);
    if (!fits) fail(where, `expected ${describe(info)}, got ${type} [${shape}]`);
    if (size(shape) === 0) fail(where, `is empty: [${shape}]`);
    if (data.length !== size(shape)) {
      fail(where, `shape [${shape}] needs ${size(shape)} elements, got ${data.length}`);
    }
    info.shape.forEach((dim, axis) => {
      if (typeof dim !== 'string') return;
      const first = sizes.get(dim) ?? { size: shape[axis], input: info.name };
      sizes.set(dim, first);
      if (first.size !== shape[axis]) {
        fail(where, `'${dim}' is ${shape[axis]} here and ${first.size} in input '${first.input}'`);
      }
    });
  }
}

/** Errors: an output that the graph does not have. */
export function checkOutputs(graph: string, declared: readonly ValueInfo[], wanted: readonly string[]): void {
  const unknown = wanted.find((name) => !declared.some((info) => info.name === name));
  if (unknown !== undefined) {
    fail(`output '${unknown}'`, `'${graph}' has no such output`, `it has ${list(declared)}`);
  }
}

const describe = ({ type, shape }: ValueInfo): string => `${type} [${shape}]`;

const list = (infos: readonly ValueInfo[]): string => infos.map(({ name }) => `'${name}'`).join(', ');

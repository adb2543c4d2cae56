import type { Exportation, ExportedLayer, Exporter } from './exporter.ts';

/** scale·x + shift as the layer's helpers make it, from x. */
interface Inner {
  readonly bottom: string;
  readonly scale?: number;
  readonly shift?: number;
}

/** Takes `value` apart: x, x·scale (helper `scale`), + shift (helper `shift`). */
function inner(e: Exportation, value: string): Inner {
  const added = e.helper(value, 'shift', 'Add');
  const shift = added && e.scalar(added.inputs[1]);
  const scaled = e.helper(added?.inputs[0] ?? value, 'scale', 'Mul');
  const scale = scaled && e.scalar(scaled.inputs[1]);
  return {
    bottom: scaled?.inputs[0] ?? added?.inputs[0] ?? value,
    ...(scale !== undefined && { scale }),
    ...(shift !== undefined && { shift }),
  };
}

export const exp: Exporter = (e) => {
  const { bottom, ...expParam } = inner(e, e.site.input(0));
  return e.layer({ type: 'Exp', bottoms: [bottom], param: { expParam } });
};

export const log: Exporter = (e) => {
  const { bottom, ...logParam } = inner(e, e.site.input(0));
  return e.layer({ type: 'Log', bottoms: [bottom], param: { logParam } });
};

/** A logarithm of another base: the natural one (helper `log`) times a factor. */
export function scaledLog(e: Exportation): ExportedLayer | undefined {
  const natural = e.helper(e.site.input(0), 'log', 'Log');
  const factor = e.scalar(e.site.input(1));
  if (!natural || factor === undefined) return undefined;
  const { bottom, ...parameters } = inner(e, natural.inputs[0]);
  const logParam = { ...parameters, base: baseOf(factor) };
  return e.layer({ type: 'Log', bottoms: [bottom], param: { logParam } });
}

/** The base whose factor 1/ln(base) this is; among those that round to it, the shortest number. */
function baseOf(factor: number): number {
  const base = Math.exp(1 / factor);
  const short = [3, 4, 5, 6, 7].map((digits) => Number(base.toPrecision(digits)));
  return short.find((n) => Math.fround(1 / Math.log(Math.fround(n))) === factor) ?? base;
}

export const pow: Exporter = (e) => {
  const exponent = e.constant(e.site.input(1));
  if (exponent?.data.length !== 1) return e.fail('its exponent must be one constant number');
  const { bottom, ...parameters } = inner(e, e.site.input(0));
  const powerParam = { power: exponent.data[0], ...parameters };
  return e.layer({ type: 'Power', bottoms: [bottom], param: { powerParam } });
};

/** x·scale or x·scale + shift with scalar constants; undefined if the node is nothing of the kind. */
export function power(e: Exportation): ExportedLayer | undefined {
  const [left, right] = e.node.inputs;
  const number = e.scalar(right);
  if (number === undefined) return undefined;
  if (e.node.op === 'Mul') {
    return e.layer({ type: 'Power', bottoms: [left], param: { powerParam: { scale: number } } });
  }
  const { bottom, ...parameters } = inner(e, left);
  const powerParam = { ...parameters, shift: number };
  return e.layer({ type: 'Power', bottoms: [bottom], param: { powerParam } });
}

import type { Attribute, Attributes, Node } from '../../graph/graph.ts';
import type { DataType, Tensor } from '../../graph/tensor.ts';

/** A shape of which some dimensions, or the number of them, may be unknown. */
export type Dims = readonly (number | undefined)[] | undefined;

/** A node on its way from the file's operator set to limn's. */
export interface UpgradeSite {
  /** The file's operator set. */
  readonly opset: number;
  /** Adds a constant and returns its name. */
  add(tensor: Tensor): string;
  /** A new value name for a step in between. */
  fresh(): string;
  constant(value: string | undefined): Tensor | undefined;
  dims(value: string | undefined): Dims;
  type(value: string | undefined): DataType | undefined;
  /** Whether a node or the graph's outputs use a value. */
  used(value: string): boolean;
  /** Whether an input of the network has the four axes of images. */
  readonly takesImages: boolean;
  fail(what: string, fix?: string): never;
}

/** How one operator's older or newer form is written in limn's operator set. */
export interface Upgrade {
  readonly ops: readonly string[];
  /** Whose operators; ONNX's own unless given. */
  readonly domain?: string;
  /** Applies to files of operator sets before this one. */
  readonly before?: number;
  /** Applies to files of this operator set and later. */
  readonly since?: number;
  convert(node: Node, site: UpgradeSite): Node | readonly Node[];
}

/** The domain of the operators that ONNX Runtime adds to ONNX's. */
export const microsoft = 'com.microsoft';

/** The attributes without some of them. */
export function withoutAttributes(
  attributes: Attributes,
  ...names: readonly string[]
): Record<string, Attribute> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
}

/** An attribute that is a list of integers; undefined if it is absent. */
export function intsOf(node: Node, name: string, site: UpgradeSite): readonly number[] | undefined {
  const value = node.attributes[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((n) => typeof n !== 'number')) {
    site.fail(`attribute '${name}' must be a list of integers`);
  }
  return value as readonly number[];
}

/** An attribute that is a float; undefined if it is absent. */
export function floatOf(node: Node, name: string, site: UpgradeSite): number | undefined {
  const value = node.attributes[name];
  if (value === undefined) return undefined;
  return typeof value === 'object' && 'float' in value
    ? value.float
    : site.fail(`attribute '${name}' must be a float`);
}

/** An attribute that is an integer, or its default. */
export function intOf(node: Node, name: string, otherwise: number, site: UpgradeSite): number {
  const value = node.attributes[name] ?? otherwise;
  return typeof value === 'number' ? value : site.fail(`attribute '${name}' must be an integer`);
}

/** The node without the outputs at its end that nothing uses. */
export function unusedOutputsDropped(node: Node, site: UpgradeSite): Node {
  const last = node.outputs.findLastIndex((output) => output !== '' && site.used(output));
  return { ...node, outputs: node.outputs.slice(0, Math.max(1, last + 1)) };
}

/** The node with its first output only. Errors: another output that something uses. */
export function firstOutputOnly(node: Node, site: UpgradeSite): Node {
  const extra = node.outputs.slice(1).find((output) => output !== '' && site.used(output));
  if (extra !== undefined)
    site.fail(`its output '${extra}' exists only in training`, 'export the model for inference');
  return { ...node, outputs: node.outputs.slice(0, 1) };
}

import type { MessageInitShape } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { float32, type Node, type Shape, type Tensor } from '../../graph/index.ts';
import { type Inference, Site } from '../../operators/index.ts';
import type { LayerParameterSchema } from '../generated/caffe_pb.ts';

/** A Caffe layer whose bottoms and tops are still the graph's values. */
export interface ExportedLayer {
  readonly name: string;
  readonly type: string;
  /** `convolutionParam` and the like. */
  readonly param?: MessageInitShape<typeof LayerParameterSchema>;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  readonly blobs: readonly Tensor<'float32'>[];
}

/** What an exporter gives: the rest is taken from the node. */
export type LayerInit = Pick<ExportedLayer, 'type' | 'bottoms'> & Partial<ExportedLayer>;

/** The nodes of one layer: the one that has its name, and those called `layer:what`. */
export interface NodeGroup {
  readonly main: Node;
  readonly helpers: ReadonlyMap<string, Node>;
}

/** A layer's nodes as an exporter sees them. */
export class Exportation {
  readonly node: Node;
  readonly site: Site;
  readonly #group: NodeGroup;
  readonly #known: Inference;
  readonly #claimed = new Set<string>();

  constructor(group: NodeGroup, known: Inference) {
    this.node = group.main;
    this.site = new Site(group.main, known);
    this.#group = group;
    this.#known = known;
  }

  /** Errors say that the node cannot be a Caffe layer, and why. */
  fail(why: string): never {
    return fail(this.site.where, `it cannot be written as a Caffe layer: ${why}`);
  }

  shape(value: string): Shape {
    return this.#known.shapes.get(value) ?? this.fail(`the shape of '${value}' is not known`);
  }

  /** The helper `what`, if it is of the given operator and makes `value`. It is then part of the layer. */
  helper(value: string, what: string, op: string): Node | undefined {
    const node = this.#group.helpers.get(what);
    if (node?.op !== op || node.outputs[0] !== value) return undefined;
    this.#claimed.add(what);
    return node;
  }

  /** The helpers whose names begin with `what`, all part of the layer from here on. */
  helpers(what: string): Node[] {
    return [...this.#group.helpers].flatMap(([name, node]) => {
      if (!name.startsWith(what)) return [];
      this.#claimed.add(name);
      return [node];
    });
  }

  /** Errors: helpers that the layer does not account for. */
  checkClaimed(): void {
    for (const [what, node] of this.#group.helpers) {
      if (!this.#claimed.has(what)) {
        const fix = 'rename it if it is a layer of its own';
        fail(`node '${node.name}' (${node.op})`, `it is no part of a Caffe layer '${this.node.name}'`, fix);
      }
    }
  }

  /** A constant of floats; undefined for values that are computed. */
  constant(value: string | undefined): Tensor<'float32'> | undefined {
    const tensor = value ? this.#known.constants.get(value) : undefined;
    if (tensor && tensor.type !== 'float32') this.fail(`'${value}' is of type ${tensor.type}`);
    return tensor as Tensor<'float32'> | undefined;
  }

  /** The weights that the i-th input must be. */
  weights(i: number): Tensor<'float32'> {
    return this.constant(this.site.input(i)) ?? this.fail(`its input ${i} must be a constant`);
  }

  /** The number that a value is, if it is a scalar constant. */
  scalar(value: string | undefined): number | undefined {
    const constant = this.constant(value);
    return constant?.shape.length === 0 ? constant.data[0] : undefined;
  }

  /** A layer under the node's name that makes the node's outputs. */
  layer(init: LayerInit): ExportedLayer {
    return {
      name: this.node.name,
      tops: this.node.outputs.filter((output) => output !== ''),
      blobs: [],
      ...init,
    };
  }
}

/** Writes a node, with its helpers, as one Caffe layer or several. */
export type Exporter = (e: Exportation) => ExportedLayer | readonly ExportedLayer[];

/** A tensor of another shape with the same data. */
export const reshapedTo = (shape: readonly number[], { data }: Tensor<'float32'>): Tensor<'float32'> =>
  float32(shape, data);

import { type Node, size } from '../../graph/index.ts';
import { type Exportation, type ExportedLayer, type Exporter, reshapedTo } from './exporter.ts';

export const gemm: Exporter = (e) => {
  const { site } = e;
  const isPlain = site.int('transA', 0) === 0 && site.float('alpha', 1) === 1 && site.float('beta', 1) === 1;
  if (!isPlain) e.fail('it has transA, alpha or beta');
  const transpose = site.int('transB', 0) === 0;
  const weight = e.weights(1);
  const numOutput = weight.shape[transpose ? 1 : 0];
  const bias = site.has(2) ? e.weights(2) : undefined;
  if (bias && size(bias.shape) !== numOutput) e.fail(`its bias [${bias.shape}] is not one number per output`);
  const flatten = e.helper(site.input(0), 'flatten', 'Flatten');
  return e.layer({
    type: 'InnerProduct',
    bottoms: [flatten?.inputs[0] ?? site.input(0)],
    param: {
      innerProductParam: { numOutput, ...(!bias && { biasTerm: false }), ...(transpose && { transpose }) },
    },
    blobs: [weight, ...(bias ? [reshapedTo([numOutput], bias)] : [])],
  });
};

export const matmul: Exporter = (e) => rowProduct(e, e.node);

/** An inner product from a later axis on, with its bias: the product is the helper `product`; undefined for other sums. */
export function biasedRowProduct(e: Exportation): ExportedLayer | undefined {
  const [value, bias] = e.node.inputs;
  const product = e.helper(value, 'product', 'MatMul');
  return product && rowProduct(e, product, bias);
}

/** Rows times weights; those of a later axis come in by the helper `rows`, and weights of Caffe's order by `factor`. */
function rowProduct(e: Exportation, product: Node, bias?: string): ExportedLayer {
  const [left, right] = product.inputs;
  const factor = e.helper(right, 'factor', 'Transpose');
  const weight = e.constant(factor?.inputs[0] ?? right) ?? e.fail('its weights must be a constant');
  if (weight.shape.length !== 2) e.fail('it is no product by a matrix');
  const axis = e.shape(left).length - 1;
  if (axis < 1) e.fail('its rows have no batch');
  const numOutput = weight.shape[factor ? 0 : 1];
  const biases = bias === undefined ? undefined : (e.constant(bias) ?? e.fail('its bias must be a constant'));
  const param = {
    numOutput,
    ...(!biases && { biasTerm: false }),
    ...(!factor && { transpose: true }),
    ...(axis > 1 && { axis }),
  };
  return e.layer({
    type: 'InnerProduct',
    bottoms: [e.helper(left, 'rows', 'Reshape')?.inputs[0] ?? left],
    param: { innerProductParam: param },
    blobs: [weight, ...(biases ? [biases] : [])],
  });
}

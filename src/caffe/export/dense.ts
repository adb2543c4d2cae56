import { size } from '../../graph/index.ts';
import { type Exporter, reshapedTo } from './exporter.ts';

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

export const matmul: Exporter = (e) => {
  const weight = e.weights(1);
  if (weight.shape.length !== 2 || e.site.shape(0).length !== 2) e.fail('it is no product of two matrices');
  return e.layer({
    type: 'InnerProduct',
    bottoms: [e.site.input(0)],
    param: { innerProductParam: { numOutput: weight.shape[1], biasTerm: false, transpose: true } },
    blobs: [weight],
  });
};

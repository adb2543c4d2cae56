import type { Converter } from './converter.ts';

export const concat: Converter = (c) => {
  const p = c.layer.concatParam;
  // `concat_dim` is the older name of `axis`.
  const axis = p?.axis !== undefined && p.axis !== 1 ? p.axis : (p?.concatDim ?? 1);
  c.result('Concat', c.bottoms.map((bottom) => bottom.value), { axis });
};

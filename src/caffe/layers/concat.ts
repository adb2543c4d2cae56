import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { ConcatParameterSchema } from '../generated/caffe_pb.ts';
import { blobAxis } from './axes.ts';
import type { Converter } from './converter.ts';

export const concat: Converter = (c) => {
  const p = c.layer.concatParam;
  // `concat_dim` is the older name of `axis`.
  const older = p !== undefined && isFieldSet(p, ConcatParameterSchema.field.concatDim);
  if (older && isFieldSet(p, ConcatParameterSchema.field.axis)) {
    fail(c.where, 'concat_dim and axis are both given', 'keep axis');
  }
  const axis = blobAxis(c.where, older ? p.concatDim : (p?.axis ?? 1), c.bottoms[0].shape.length);
  if (axis === 0) fail(c.where, 'joining along the batch is not supported', 'only axis 1 and later are');
  c.result(
    'Concat',
    c.bottoms.map((bottom) => bottom.value),
    { axis },
  );
};

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { array, random } from '../operators/random.ts';
import { at, build, count, map, type NdArray } from '../reference/array.ts';
import * as elementwise from '../reference/caffe/elementwise.ts';
import * as movement from '../reference/caffe/movement.ts';
import * as normalisation from '../reference/caffe/normalisation.ts';
import { caffePooling, pooledSize } from '../reference/caffe/pooling.ts';
import { convolution, transposedConvolution } from '../reference/convolution.ts';
import { checkLayer, type LayerCase } from './layer-check.ts';

const seed = fc.nat(1e6);
const upTo = (n: number) => fc.integer({ min: 1, max: n });
const image = fc.tuple(upTo(2), upTo(4), upTo(6), upTo(6));
const anyShape = fc.oneof(image, fc.tuple(upTo(3), upTo(6)));
const short = fc.double({ min: -2, max: 2, noNaN: true }).map((v) => Number(v.toFixed(2)));

/** A property over cases made from arbitrary values; each case runs in ONNX Runtime. */
function holds<T>(what: string, arbitrary: fc.Arbitrary<T>, make: (value: T) => LayerCase | undefined): void {
  it(what, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        const made = make(value);
        fc.pre(made !== undefined);
        await checkLayer(made);
      }),
      { numRuns: 25 },
    );
  });
}

/** A layer that maps each element. */
function maps<P>(
  type: string,
  arbitrary: fc.Arbitrary<P>,
  params: (p: P) => string,
  f: (x: NdArray, p: P) => NdArray,
  [low, high]: [number, number] = [-2, 2],
): void {
  holds(type, fc.tuple(anyShape, arbitrary, seed), ([shape, p, s]) => {
    const x = array(random(s), shape, low, high);
    return { type, params: params(p), inputs: [x], expected: [f(x, p)] };
  });
}

describe('functions of each element', () => {
  const none = fc.constant(undefined);
  const slope = fc.oneof(fc.constant(0), short);
  maps('ReLU', slope, (p) => `relu_param { negative_slope: ${p} }`, elementwise.relu);
  maps('ELU', short, (p) => `elu_param { alpha: ${p} }`, elementwise.elu);
  maps(
    'Sigmoid',
    none,
    () => '',
    (x) => map(x, (v) => 1 / (1 + Math.exp(-v))),
  );
  maps(
    'TanH',
    none,
    () => '',
    (x) => map(x, Math.tanh),
  );
  maps(
    'AbsVal',
    none,
    () => '',
    (x) => map(x, Math.abs),
  );
  maps(
    'Dropout',
    none,
    () => 'dropout_param { dropout_ratio: 0.3 }',
    (x) => x,
  );
  maps(
    'BNLL',
    none,
    () => '',
    (x) => map(x, (v) => Math.log(1 + Math.exp(v))),
    [-20, 20],
  );
  holds('Threshold', fc.tuple(anyShape, short, seed), ([shape, t, s]) => {
    const x = array(random(s), shape);
    const y = map(x, (v) => (v > Math.fround(t) ? 1 : 0));
    const params = `threshold_param { threshold: ${t} }`;
    return { type: 'Threshold', params, inputs: [x], expected: [y] };
  });
  maps(
    'ReLU6',
    none,
    () => '',
    (x) => map(x, (v) => Math.min(Math.max(v, 0), 6)),
    [-9, 9],
  );
  maps('Swish', fc.oneof(fc.constant(1), short), (p) => `swish_param { beta: ${p} }`, elementwise.swish);
  maps(
    'Clip',
    fc.tuple(short, short),
    ([a, b]) => `clip_param { min: ${Math.min(a, b)} max: ${Math.max(a, b)} }`,
    (x, [a, b]) => map(x, (v) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), v))),
  );

  const usual = (value: number) => fc.oneof(fc.constant(value), short);
  const powers = fc.record({ power: fc.constantFrom(1, 0, 2, 3, -1), scale: usual(1), shift: usual(0) });
  const fields = (p: object) =>
    Object.entries(p)
      .map(([name, value]) => `${name}: ${value}`)
      .join(' ');
  maps(
    'Power',
    powers.filter((p) => p.power !== -1 || (p.scale > 0.1 && p.shift >= 0)),
    (p) => `power_param { ${fields(p)} }`,
    elementwise.power,
    [0.5, 2],
  );
  const logarithmic = fc.record({
    base: fc.constantFrom(-1, 2, 10, 0.5, 3.7),
    scale: fc.oneof(fc.constant(1), fc.constantFrom(0.5, 2, 1.25)),
    shift: fc.oneof(fc.constant(0), fc.constantFrom(0.25, 1)),
  });
  maps('Exp', logarithmic, (p) => `exp_param { ${fields(p)} }`, elementwise.exp);
  maps('Log', logarithmic, (p) => `log_param { ${fields(p)} }`, elementwise.log, [0.5, 4]);

  holds('PReLU', fc.tuple(anyShape, fc.boolean(), seed), ([shape, shared, s]) => {
    const next = random(s);
    const [x, slopes] = [array(next, shape), array(next, shared ? [] : [shape[1]])];
    const params = `prelu_param { channel_shared: ${shared} }`;
    return { type: 'PReLU', params, inputs: [x], blobs: [slopes], expected: [elementwise.prelu(x, slopes)] };
  });
});

/** A pair of values as prototxt: one for both axes where they are equal. */
const pair = (name: string, [h, w]: readonly number[], one = name) =>
  h === w ? `${one}: ${h}` : `${name}_h: ${h} ${name}_w: ${w}`;

describe('convolution', () => {
  const two = (n: number) => fc.tuple(upTo(n), upTo(n));
  const geometry = fc.record({
    size: fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 3, max: 9 })),
    kernel: two(3),
    stride: two(3),
    pad: fc.tuple(fc.nat(2), fc.nat(2)),
    dilation: two(2),
    group: upTo(3),
    perGroup: upTo(2),
    outputs: upTo(2),
    bias: fc.boolean(),
    seed,
  });
  for (const type of ['Convolution', 'Deconvolution'] as const) {
    holds(type, geometry, (g) => {
      const next = random(g.seed);
      const channels = g.group * g.perGroup;
      const outputs = g.group * g.outputs;
      const transposed = type === 'Deconvolution';
      const x = array(next, [2, channels, ...g.size]);
      const w = array(next, [...(transposed ? [channels, g.outputs] : [outputs, g.perGroup]), ...g.kernel]);
      const b = g.bias ? array(next, [outputs]) : undefined;
      const extent = g.kernel.map((k, i) => (k - 1) * g.dilation[i] + 1);
      const size = g.size.map((n, i) =>
        transposed ? g.stride[i] * (n - 1) + extent[i] - 2 * g.pad[i] : n + 2 * g.pad[i] - extent[i],
      );
      if (size.some((n) => n < (transposed ? 1 : 0))) return undefined;
      const geometry = {
        strides: g.stride,
        dilations: g.dilation,
        pads: [...g.pad, ...g.pad],
        group: g.group,
      };
      const y = transposed ? transposedConvolution(x, w, b, geometry, size) : convolution(x, w, b, geometry);
      const params = `convolution_param { num_output: ${outputs} group: ${g.group} bias_term: ${g.bias}
        ${pair('kernel', g.kernel, 'kernel_size')} ${pair('stride', g.stride)} ${pair('pad', g.pad)}
        dilation: ${g.dilation[0]} dilation: ${g.dilation[1]} }`;
      return { type, params, inputs: [x], blobs: b ? [w, b] : [w], expected: [y] };
    });
  }

  for (const type of ['ConvolutionDepthwise', 'DepthwiseConvolution']) {
    // The one goes by its input alone: files leave num_output out, or have another.
    const heeds = type === 'DepthwiseConvolution';
    holds(
      `${type}, in as many groups as channels`,
      fc.tuple(image, fc.boolean(), seed),
      ([shape, says, s]) => {
        const next = random(s);
        const [x, w] = [array(next, shape.with(2, 5).with(3, 5)), array(next, [shape[1], 1, 3, 3])];
        const group = says ? `group: ${heeds ? shape[1] : 1}` : '';
        const outputs = heeds || says ? `num_output: ${heeds ? shape[1] : 7}` : '';
        const params = `convolution_param { ${outputs} kernel_size: 3 bias_term: false ${group} }`;
        const geometry = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: shape[1] };
        const expected = [convolution(x, w, undefined, geometry)];
        return { type, params, inputs: [x], blobs: [w], expected };
      },
    );
  }

  holds(
    'InnerProduct',
    fc.tuple(anyShape, upTo(5), fc.boolean(), fc.boolean(), seed),
    ([shape, outputs, bias, transpose, s]) => {
      const next = random(s);
      const inner = count(shape.slice(1));
      const x = array(next, shape);
      const w = array(next, transpose ? [inner, outputs] : [outputs, inner]);
      const b = bias ? array(next, [outputs]) : undefined;
      const params = `inner_product_param { num_output: ${outputs} bias_term: ${bias} transpose: ${transpose} }`;
      const expected = [movement.innerProduct(x, w, b, transpose)];
      return { type: 'InnerProduct', params, inputs: [x], blobs: b ? [w, b] : [w], expected };
    },
  );
});

describe('InnerProduct from a later axis on', () => {
  const given = fc.record({
    shape: image,
    axis: fc.integer({ min: 2, max: 3 }),
    outputs: upTo(4),
    bias: fc.boolean(),
    transpose: fc.boolean(),
    negative: fc.boolean(),
    seed,
  });
  holds('keeps the axes before it', given, ({ shape, axis, outputs, bias, transpose, negative, seed }) => {
    const next = random(seed);
    const inner = count(shape.slice(axis));
    const x = array(next, shape);
    const w = array(next, transpose ? [inner, outputs] : [outputs, inner]);
    const b = bias ? array(next, [outputs]) : undefined;
    // Every row is an image of its own.
    const rows = { shape: [count(shape.slice(0, axis)), inner], data: x.data };
    const { data } = movement.innerProduct(rows, w, b, transpose);
    const params = `inner_product_param { num_output: ${outputs} bias_term: ${bias} transpose: ${transpose}
      axis: ${negative ? axis - 4 : axis} }`;
    return {
      type: 'InnerProduct',
      params,
      inputs: [x],
      blobs: b ? [w, b] : [w],
      expected: [{ shape: [...shape.slice(0, axis), outputs], data }],
    };
  });
});

describe('Interp', () => {
  const size = upTo(7);
  const way = fc.constantFrom(
    'size' as const,
    'zoom' as const,
    'shrink' as const,
    'both factors' as const,
    'all' as const,
  );
  const given = fc.record({
    way,
    size: fc.tuple(size, size),
    factors: fc.tuple(upTo(3), upTo(3)),
    cuts: fc.oneof(fc.constant([0, 0]), fc.tuple(fc.nat(2), fc.nat(2))),
    seed,
  });
  holds('of every kind of size', fc.tuple(image, given), ([small, { way, size, factors, cuts, seed }]) => {
    const [zoom, shrink] = factors;
    const shape = small.map((dim, i) => (i < 2 ? dim : dim + cuts[0] + cuts[1]));
    const x = array(random(seed), shape);
    const fields = {
      size: `height: ${size[0]} width: ${size[1]}`,
      zoom: `zoom_factor: ${zoom}`,
      shrink: `shrink_factor: ${shrink}`,
    };
    const params = {
      ...fields,
      'both factors': `${fields.zoom} ${fields.shrink}`,
      all: Object.values(fields).join(' '),
    }[way];
    const between = (input: number, output: number) => {
      if (way === 'size' || way === 'all') return output;
      const [up, down] = [way === 'shrink' ? 1 : zoom, way === 'zoom' ? 1 : shrink];
      const shrunk = Math.floor((input - 1) / down) + 1;
      return shrunk + (shrunk - 1) * (up - 1);
    };
    const y = movement.interpolated(movement.cropped(x, 2, [cuts[0], cuts[0]], small.slice(2)), [
      between(small[2], size[0]),
      between(small[3], size[1]),
    ]);
    return {
      type: 'Interp',
      params: `interp_param { ${params} pad_beg: ${-cuts[0]} pad_end: ${-cuts[1]} }`,
      inputs: [x],
      expected: [y],
      exported: 'equivalent',
    };
  });
});

describe('pooling', () => {
  const pyramid = fc.record({
    size: fc.tuple(upTo(12), upTo(12)),
    levels: upTo(3),
    method: fc.constantFrom('MAX' as const, 'AVE' as const),
    seed,
  });
  holds('in a pyramid', pyramid, ({ size, levels, method, seed }) => {
    const x = array(random(seed), [2, 3, ...size]);
    const pooled = Array.from({ length: levels }, (_, i) => {
      const kernel = size.map((side) => Math.ceil(side / 2 ** i)) as [number, number];
      const pad = kernel.map((k, axis) => Math.floor((k * 2 ** i - size[axis] + 1) / 2)) as [number, number];
      if (pad.some((cells, axis) => cells >= kernel[axis])) return undefined;
      return caffePooling(x, { kernel, stride: kernel, pad, ceil: true }, method);
    });
    const all = pooled.flatMap((level) => level ?? []);
    if (all.length < levels) return undefined;
    const rows = all.map(({ data }) => ({ shape: [2, data.length / 2], data }));
    const expected = levels === 1 ? all : [movement.concat(rows, 1)];
    const params = `spp_param { pyramid_height: ${levels} pool: ${method} }`;
    return {
      type: 'SPP',
      params,
      inputs: [x],
      expected,
      ...(levels === 1 && { exported: 'equivalent' as const }),
    };
  });

  const two = <T>(arbitrary: fc.Arbitrary<T>) => fc.tuple(arbitrary, arbitrary);
  const geometry = fc.record({
    size: two(upTo(9)),
    kernel: two(upTo(4)),
    stride: two(upTo(4)),
    pad: two(fc.nat(2)),
    ceil: fc.boolean(),
    fork: fc.boolean(),
    method: fc.constantFrom('MAX' as const, 'AVE' as const),
    seed,
  });
  // BVLC's field, or the one that many forks have in its place.
  const rounding = ({ ceil, fork }: { ceil: boolean; fork: boolean }) =>
    fork ? `ceil_mode: ${ceil}` : ceil ? '' : 'round_mode: FLOOR';
  holds('in windows', geometry, (g) => {
    if (g.pad.some((pad, i) => pad >= g.kernel[i])) return undefined;
    const windows = pooledSize(g.size, g);
    const behind = windows.some((n, i) => n < 1 || (n - 1) * g.stride[i] - g.pad[i] >= g.size[i]);
    if (behind) return undefined;
    const x = array(random(g.seed), [2, 3, ...g.size]);
    const params = `pooling_param { pool: ${g.method} ${pair('kernel', g.kernel, 'kernel_size')}
      ${pair('stride', g.stride)} ${pair('pad', g.pad)} ${rounding(g)} }`;
    return { type: 'Pooling', params, inputs: [x], expected: [caffePooling(x, g, g.method)] };
  });

  holds('of the whole image', fc.tuple(image, fc.constantFrom('MAX', 'AVE'), seed), ([shape, method, s]) => {
    const x = array(random(s), shape);
    const [height, width] = shape.slice(2);
    const whole = { kernel: [height, width], stride: [1, 1], pad: [0, 0], ceil: true } as const;
    const params = `pooling_param { pool: ${method} global_pooling: true }`;
    return { type: 'Pooling', params, inputs: [x], expected: [caffePooling(x, whole, method as 'MAX')] };
  });
});

describe('normalisation', () => {
  const lrn = fc.record({
    localSize: fc.constantFrom(1, 3, 5, 7),
    alpha: fc.constantFrom(0.0001, 0.5, 1, 3),
    beta: fc.constantFrom(0.75, 0.5, 1, 0.3),
    k: fc.constantFrom(1, 2),
  });
  holds('LRN', fc.tuple(image, lrn, fc.boolean(), seed), ([[n, , h, w], p, across, s]) => {
    const x = array(random(s), [n, 6, h, w], -20, 20);
    const region = across ? 'ACROSS_CHANNELS' : 'WITHIN_CHANNEL';
    const params = `lrn_param { local_size: ${p.localSize} alpha: ${p.alpha} beta: ${p.beta} k: ${p.k} norm_region: ${region} }`;
    const y = across ? normalisation.acrossChannels(x, p) : normalisation.withinChannel(x, p);
    return { type: 'LRN', params, inputs: [x], expected: [y] };
  });

  holds(
    'BatchNorm',
    fc.tuple(anyShape, fc.constantFrom(0, 1, 999.98, 0.5), fc.constantFrom(1e-5, 0.1), seed),
    ([shape, divisor, eps, s]) => {
      const next = random(s);
      const [x, mean] = [array(next, shape), array(next, [shape[1]])];
      const variance = array(next, [shape[1]], 0.1, 2);
      const factor: NdArray = { shape: [1], data: Float64Array.of(Math.fround(divisor)) };
      const y = normalisation.batchNorm(x, mean, variance, factor.data[0], eps);
      const params = `batch_norm_param { eps: ${eps} }`;
      return { type: 'BatchNorm', params, inputs: [x], blobs: [mean, variance, factor], expected: [y] };
    },
  );

  holds('Softmax', fc.tuple(anyShape, fc.nat(2), fc.boolean(), seed), ([shape, place, negative, s]) => {
    const x = array(random(s), shape, -30, 30);
    const axis = 1 + (place % (shape.length - 1));
    const params = `softmax_param { axis: ${negative ? axis - shape.length : axis} }`;
    return { type: 'Softmax', params, inputs: [x], expected: [normalisation.softmax(x, axis)] };
  });
});

describe('layers of forks', () => {
  holds('Axpy', fc.tuple(image, fc.boolean(), seed), ([shape, flat, s]) => {
    const next = random(s);
    const a = array(next, flat ? shape.slice(0, 2) : [shape[0], shape[1], 1, 1]);
    const [x, z] = [array(next, shape), array(next, shape)];
    const y = build(shape, (at4) => a.data[at4[0] * shape[1] + at4[1]] * at(x, at4) + at(z, at4));
    return { type: 'Axpy', inputs: [a, x, z], expected: [y] };
  });

  holds('ShuffleChannel', fc.tuple(anyShape, upTo(3), upTo(3), seed), ([shape, group, each, s]) => {
    const x = array(random(s), shape.with(1, group * each));
    // Channel i·each + j goes to j·group + i.
    const y = build(x.shape, (index) => {
      const [i, j] = [index[1] % group, Math.floor(index[1] / group)];
      return at(x, index.with(1, i * each + j));
    });
    const params = `shuffle_channel_param { group: ${group} }`;
    return { type: 'ShuffleChannel', params, inputs: [x], expected: [y] };
  });

  const orders = fc.shuffledSubarray([1, 2, 3]);
  holds('Permute', fc.tuple(image, orders, seed), ([shape, named, s]) => {
    const order = [0, ...named, ...[1, 2, 3].filter((axis) => !named.includes(axis))];
    const x = array(random(s), shape);
    const y = build(
      order.map((axis) => shape[axis]),
      (index) =>
        at(
          x,
          shape.map((_, axis) => index[order.indexOf(axis)]),
        ),
    );
    const params = `permute_param { ${[0, ...named].map((axis) => `order: ${axis}`).join(' ')} }`;
    return { type: 'Permute', params, inputs: [x], expected: [y] };
  });

  const switches = fc.record({
    across: fc.boolean(),
    shared: fc.boolean(),
    eps: fc.constantFrom(1e-10, 0.1),
  });
  holds('Normalize', fc.tuple(anyShape, switches, seed), ([shape, { across, shared, eps }, s]) => {
    const next = random(s);
    const [x, scale] = [array(next, shape, 0.1, 2), array(next, shared ? [] : [shape[1]])];
    const params = `norm_param { across_spatial: ${across} channel_shared: ${shared} eps: ${eps} }`;
    const expected = [normalisation.normalize(x, scale, across, eps)];
    return { type: 'Normalize', params, inputs: [x], blobs: [scale], expected };
  });

  const moments = fc.record({
    variance: fc.boolean(),
    across: fc.boolean(),
    eps: fc.constantFrom(1e-9, 0.1),
  });
  holds('MVN', fc.tuple(image, moments, seed), ([shape, { variance, across, eps }, s]) => {
    const x = array(random(s), shape.with(3, shape[3] + 2));
    const params = `mvn_param { normalize_variance: ${variance} across_channels: ${across} eps: ${eps} }`;
    const expected = [normalisation.mvn(x, variance, across, eps)];
    return { type: 'MVN', params, inputs: [x], expected };
  });

  const learned = fc.tuple(anyShape, fc.constantFrom(1e-5, 0.1), seed);
  // Forks have it in three shapes.
  const perChannel = (next: () => number, { 1: channels }: readonly number[], low = -2) =>
    array(next, [[channels], [1, channels], [1, channels, 1, 1]][Math.floor(next() * 3)], low, 2);
  holds("BN, yjxiong's", learned, ([shape, eps, s]) => {
    const next = random(s);
    const [x, slope, bias, mean] = [array(next, shape), ...[0, 1, 2].map(() => perChannel(next, shape))];
    const variance = perChannel(next, shape, 0.1);
    const y = build(shape, (index) => {
      const [g, b, m, v] = [slope, bias, mean, variance].map(({ data }) => data[index[1]]);
      return (g * (at(x, index) - m)) / Math.sqrt(v + eps) + b;
    });
    const blobs = [slope, bias, mean, variance];
    return {
      type: 'BN',
      params: `bn_param { eps: ${eps} }`,
      inputs: [x],
      blobs,
      expected: [y],
      exported: 'equivalent',
    };
  });

  holds("BN, SegNet's", learned, ([shape, , s]) => {
    const next = random(s);
    const [x, scale, shift] = [array(next, shape), perChannel(next, shape), perChannel(next, shape)];
    const y = build(shape, (index) => at(x, index) * scale.data[index[1]] + shift.data[index[1]]);
    const params = 'bn_param { bn_mode: INFERENCE }';
    return { type: 'BN', params, inputs: [x], blobs: [scale, shift], expected: [y], exported: 'equivalent' };
  });

  holds('BatchNorm with a scale and a bias', learned, ([shape, eps, s]) => {
    const next = random(s);
    const [x, mean, scale, bias] = [array(next, shape), ...[0, 1, 2].map(() => array(next, [shape[1]]))];
    const [variance, factor] = [array(next, [shape[1]], 0.1, 2), array(next, [1], 1, 2)];
    const plain = normalisation.batchNorm(x, mean, variance, factor.data[0], eps);
    const y = build(shape, (index) => at(plain, index) * scale.data[index[1]] + bias.data[index[1]]);
    const params = `batch_norm_param { eps: ${eps} scale_bias: true engine: CUDNN }`;
    const blobs = [mean, variance, factor, scale, bias];
    return { type: 'BatchNorm', params, inputs: [x], blobs, expected: [y], exported: 'equivalent' };
  });
});

describe('Scale and Bias', () => {
  const learned = fc.record({
    shape: anyShape,
    axis: upTo(3),
    numAxes: fc.integer({ min: -1, max: 3 }),
    bias: fc.boolean(),
    negative: fc.boolean(),
    seed,
  });
  for (const type of ['Scale', 'Bias'] as const) {
    holds(`${type} with weights`, learned, ({ shape, axis: wanted, numAxes, bias, negative, seed }) => {
      const axis = Math.min(wanted, shape.length - 1);
      if (axis + numAxes > shape.length) return undefined;
      const next = random(seed);
      const dims = numAxes === 0 ? [] : shape.slice(axis, numAxes === -1 ? undefined : axis + numAxes);
      const [x, w, b] = [array(next, shape), array(next, dims), array(next, dims)];
      const place = `axis: ${negative ? axis - shape.length : axis} num_axes: ${numAxes}`;
      if (type === 'Bias') {
        const expected = [elementwise.placed(x, b, axis, (v, c) => v + c)];
        return { type, params: `bias_param { ${place} }`, inputs: [x], blobs: [b], expected };
      }
      const scaled = elementwise.placed(x, w, axis, (v, c) => v * c);
      const y = bias ? elementwise.placed(scaled, b, axis, (v, c) => v + c) : scaled;
      const params = `scale_param { ${place} bias_term: ${bias} }`;
      return { type, params, inputs: [x], blobs: bias ? [w, b] : [w], expected: [y] };
    });

    holds(`${type} with two bottoms`, fc.tuple(anyShape, upTo(4), seed), ([shape, rank, s]) => {
      const next = random(s);
      const [x, w] = [array(next, shape), array(next, shape.slice(0, rank))];
      const f = type === 'Scale' ? (v: number, c: number) => v * c : (v: number, c: number) => v + c;
      const params = `${type.toLowerCase()}_param { axis: 0 }`;
      return { type, params, inputs: [x, w], expected: [elementwise.placed(x, w, 0, f)] };
    });
  }
});

describe('several blobs', () => {
  const operation = fc.constantFrom('SUM' as const, 'PROD' as const, 'MAX' as const);
  const coefficients = fc.array(fc.oneof(fc.constant(1), fc.constant(-1), short), {
    minLength: 4,
    maxLength: 4,
  });
  holds(
    'Eltwise',
    fc.tuple(anyShape, fc.integer({ min: 2, max: 4 }), operation, fc.option(coefficients), seed),
    ([shape, n, op, c, s]) => {
      const next = random(s);
      const xs = Array.from({ length: n }, () => array(next, shape));
      const coeff = op === 'SUM' && c ? c.slice(0, n) : [];
      const params = `eltwise_param { operation: ${op} ${coeff.map((v) => `coeff: ${v}`).join(' ')} }`;
      const expected = [elementwise.eltwise(xs, op, coeff.map(Math.fround))];
      return { type: 'Eltwise', params, inputs: xs, expected };
    },
  );

  holds(
    'Concat',
    fc.tuple(anyShape, fc.array(upTo(3), { minLength: 1, maxLength: 4 }), fc.nat(2), fc.boolean(), seed),
    ([shape, lengths, place, older, s]) => {
      const next = random(s);
      const axis = 1 + (place % (shape.length - 1));
      const xs = lengths.map((length) => array(next, shape.with(axis, length)));
      const params = `concat_param { ${older ? 'concat_dim' : 'axis'}: ${axis} }`;
      return { type: 'Concat', params, inputs: xs, expected: [movement.concat(xs, axis)] };
    },
  );

  holds(
    'Slice',
    fc.tuple(
      anyShape,
      fc.array(upTo(3), { minLength: 1, maxLength: 4 }),
      fc.nat(2),
      fc.constantFrom('axis', 'slice_dim', 'equal'),
      seed,
    ),
    ([shape, lengths, place, way, s]) => {
      const axis = 1 + (place % (shape.length - 1));
      const parts = way === 'equal' ? lengths.map(() => lengths[0]) : lengths;
      const points = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).reduce((a, b) => a + b));
      const x = array(
        random(s),
        shape.with(
          axis,
          parts.reduce((a, b) => a + b),
        ),
      );
      const given =
        way === 'equal'
          ? `axis: ${axis}`
          : `${way}: ${axis} ${points.map((p) => `slice_point: ${p}`).join(' ')}`;
      return {
        type: 'Slice',
        params: `slice_param { ${given} }`,
        inputs: [x],
        expected: movement.slices(x, axis, points),
      };
    },
  );

  holds('Split', fc.tuple(anyShape, upTo(3), seed), ([shape, n, s]) => {
    const x = array(random(s), shape);
    return { type: 'Split', inputs: [x], expected: Array.from({ length: n }, () => x) };
  });
});

describe('shapes', () => {
  holds(
    'Flatten',
    fc.tuple(image, upTo(3), fc.nat(3), fc.boolean(), seed),
    ([shape, axis, more, negative, s]) => {
      const end = Math.min(3, axis + more);
      const x = array(random(s), shape);
      const merged = count(shape.slice(axis, end + 1));
      const y = { shape: [...shape.slice(0, axis), merged, ...shape.slice(end + 1)], data: x.data };
      const params = `flatten_param { axis: ${axis} end_axis: ${negative ? end - 4 : end} }`;
      return { type: 'Flatten', params, inputs: [x], expected: [y] };
    },
  );

  holds('Tile', fc.tuple(anyShape, fc.nat(2), upTo(3), seed), ([shape, place, tiles, s]) => {
    const axis = 1 + (place % (shape.length - 1));
    const x = array(random(s), shape);
    const y = movement.concat(Array<NdArray>(tiles).fill(x), axis);
    return {
      type: 'Tile',
      params: `tile_param { axis: ${axis} tiles: ${tiles} }`,
      inputs: [x],
      expected: [y],
      ...(tiles > 1 && { exported: 'equivalent' }),
    };
  });

  holds('Crop', fc.tuple(image, upTo(3), fc.boolean(), seed), ([shape, axis, one, s]) => {
    const next = random(s);
    const offsets = shape.slice(axis).map(() => Math.floor(next() * 3));
    const starts = one ? offsets.map(() => offsets[0]) : offsets;
    const x = array(
      next,
      shape.map((dim, i) => (i < axis ? dim : dim + 3)),
    );
    const y = movement.cropped(x, axis, starts, shape.slice(axis));
    const given = (one ? starts.slice(0, 1) : starts).map((start) => `offset: ${start}`).join(' ');
    const params = `crop_param { axis: ${axis} ${given} }`;
    return { type: 'Crop', params, inputs: [x, array(next, shape)], expected: [y], exported: 'refused' };
  });

  const cases: [string, number[], number, number][] = [
    ['keeps, flattens the rest', [0, -1], 0, -1],
    ['keeps two', [0, 0, -1], 0, -1],
    ['the batch takes what is left', [-1, 6, 4], 0, -1],
    ['a literal batch', [2, -1, 2], 0, -1],
    ['within axes', [3, 2], 1, 1],
    ['within axes, what is left', [-1, 3], 1, 1],
    ['a new axis at the end', [1], -1, 0],
    ['a new axis in the middle', [1], 2, 0],
    ['from the last axis', [2, -1], -2, -1],
    ['all the same', [0, 0, 0, 0], 0, -1],
  ];
  it.each(cases)('Reshape: %s', async (_, dims, axis, numAxes) => {
    const x = array(random(7), [2, 6, 1, 4]);
    const params = `reshape_param { shape { ${dims.map((d) => `dim: ${d}`).join(' ')} } axis: ${axis} num_axes: ${numAxes} }`;
    await checkLayer({
      type: 'Reshape',
      params,
      inputs: [x],
      expected: [movement.reshaped(x, dims, axis, numAxes)],
    });
  });

  holds(
    'Reduction',
    fc.tuple(
      image,
      upTo(3),
      fc.constantFrom('SUM' as const, 'MEAN' as const, 'ASUM' as const, 'SUMSQ' as const),
      fc.constantFrom(1, 0.5),
      fc.boolean(),
      seed,
    ),
    ([shape, axis, op, coeff, negative, s]) => {
      const x = array(random(s), shape);
      const params = `reduction_param { operation: ${op} axis: ${negative ? axis - 4 : axis} coeff: ${coeff} }`;
      return { type: 'Reduction', params, inputs: [x], expected: [movement.reduction(x, axis, op, coeff)] };
    },
  );
});

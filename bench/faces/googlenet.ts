import {
  copyWith,
  type LayerParameter,
  LayerParameterSchema,
  NetParameterSchema,
  ParamSpecSchema,
  PoolingParameterSchema,
  parsePrototxt,
  TransformationParameterSchema,
  writePrototxt,
} from '../../src/caffe/index.ts';

/** Pixels of a side of what the network sees, and of the photos that this is cut from. */
export const side = { crop: 160, photo: 182 } as const;

/** Layers up to these keep ImageNet's weights. */
const lastKept = 'inception_3b/output';

const head = /^loss3\/classifier/;

/**
 * The seed's GoogLeNet for few photos and little time. It sees `crop` pixels instead of 224, averages over whatever is left of them
 * before its classifier (convolutions do not mind the size), has no auxiliary heads, whose fresh weights disturb the layers below
 * for as long as such a training takes, and keeps ImageNet's weights up to inception_3b. The new classifier starts near 0, so that it
 * moves the layers below no more than it has learned, and learns five times as fast as they. Works on the network as it is trained
 * and as it is deployed.
 */
export function shortened(text: string, file: string, crop: number = side.crop): string {
  const net = parsePrototxt(text, file);
  const kept = net.layer.findIndex(({ name }) => name === lastKept);
  const layer = net.layer
    .map((each, i) => (i <= kept ? atRates(each, 0, 0) : head.test(each.name) ? freshHead(each) : each))
    .filter(({ name }) => !/^loss[12]\//.test(name))
    .map((each) => inSize(each, crop));
  const inputShape = net.inputShape.map((shape) => ({
    ...shape,
    dim: [1n, 3n, BigInt(crop), BigInt(crop)],
  }));
  return writePrototxt(copyWith(NetParameterSchema, net, { layer, inputShape }));
}

function atRates(layer: LayerParameter, ...rates: readonly number[]): LayerParameter {
  const param = layer.param.map((each, i) => copyWith(ParamSpecSchema, each, { lrMult: rates[i] }));
  return copyWith(LayerParameterSchema, layer, { param });
}

function freshHead(layer: LayerParameter): LayerParameter {
  const faster = atRates(layer, 5, 10);
  const filler = faster.innerProductParam?.weightFiller;
  if (!filler) return faster;
  const weightFiller = { ...filler, type: 'gaussian', std: 0.001 };
  return { ...faster, innerProductParam: { ...faster.innerProductParam!, weightFiller } };
}

function inSize(layer: LayerParameter, cropSize: number): LayerParameter {
  const { name, poolingParam, transformParam } = layer;
  if (name === 'pool5/7x7_s1') {
    const whole = { kernelSize: undefined, stride: undefined, globalPooling: true };
    return copyWith(LayerParameterSchema, layer, {
      poolingParam: copyWith(PoolingParameterSchema, poolingParam!, whole),
    });
  }
  if (!transformParam) return layer;
  return copyWith(LayerParameterSchema, layer, {
    transformParam: copyWith(TransformationParameterSchema, transformParam, { cropSize }),
  });
}

import { create, isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { copyWith, fieldRecord } from './copy.ts';
import {
  type LayerParameter,
  LayerParameterSchema,
  type NetParameter,
  NetParameterSchema,
  type ParamSpec,
  ParamSpecSchema,
  TransformationParameterSchema,
  type V1LayerParameter,
  V1LayerParameterSchema,
} from './generated/caffe_pb.ts';
import { layerTypes } from './layertype.ts';
import { place, positionOf, setPosition } from './position.ts';

/**
 * The same network in the current format, as Caffe upgrades it when loading: V1 `layers` become `layer`,
 * preprocessing inside a data layer's own parameters moves to `transform_param`, and BatchNorm's blobs lose
 * their learning rates. Top-level `input`s stay (`inputLayers` turns them into layers). The argument is
 * not changed; weights are shared with it. `file` names the network in errors.
 */
export function upgradeNet(net: NetParameter, file: string): NetParameter {
  if (net.layer.length > 0 && net.layers.length > 0) {
    const at = positionOf(net.layers[0]);
    fail(at ? place(at) : file, 'the network has both "layer" and "layers" entries', 'keep one kind');
  }
  const layer = (net.layers.length > 0 ? net.layers.map((old) => upgradeLayer(old, file)) : net.layer).map(
    (l) => upgradeParam(upgradeTransform(l)),
  );
  return copyWith(NetParameterSchema, net, { layer, layers: [] });
}

const onlyInV1 = new Set(['type', 'param', 'blob_share_mode', 'blobs_lr', 'weight_decay', 'layer']);

function upgradeLayer(old: V1LayerParameter, file: string): LayerParameter {
  const at = positionOf(old);
  const where = at ? place(at) : file;
  if (old.layer) {
    const fix = "convert the file with Caffe's upgrade_net_proto tools first";
    fail(where, `layer ${old.layer.name || old.name} is in the first (V0) format`, fix);
  }
  const type =
    layerTypes[old.type] ?? fail(where, `layer ${old.name}: no layer type has the number ${old.type}`);
  const layer = create(LayerParameterSchema, { type, param: paramSpecs(old) });
  // Every other field has the same name and type in both versions.
  for (const field of V1LayerParameterSchema.fields) {
    if (!onlyInV1.has(field.name) && isFieldSet(old, field))
      fieldRecord(layer)[field.localName] = fieldRecord(old)[field.localName];
  }
  setPosition(layer, at);
  return layer;
}

/** V1 keeps names, learning rates and decays of a layer's blobs in separate lists. */
function paramSpecs(old: V1LayerParameter): ParamSpec[] {
  const { param, blobShareMode, blobsLr, weightDecay } = old;
  const count = Math.max(param.length, blobShareMode.length, blobsLr.length, weightDecay.length);
  return Array.from({ length: count }, (_, i) => {
    const spec = create(ParamSpecSchema);
    if (param[i] !== undefined) spec.name = param[i];
    if (blobShareMode[i] !== undefined) spec.shareMode = blobShareMode[i] as number;
    if (blobsLr[i] !== undefined) spec.lrMult = blobsLr[i];
    if (weightDecay[i] !== undefined) spec.decayMult = weightDecay[i];
    return spec;
  });
}

const dataParams = { Data: 'dataParam', ImageData: 'imageDataParam', WindowData: 'windowDataParam' } as const;

/** Old data layers held the preprocessing that `transform_param` holds now. */
function upgradeTransform(layer: LayerParameter): LayerParameter {
  const name = dataParams[layer.type as keyof typeof dataParams];
  const param = name && layer[name];
  if (!param) return layer;
  const schema = LayerParameterSchema.fields.find((field) => field.localName === name)!.message!;
  const moved = schema.fields.filter(
    (field) => ['scale', 'mean_file', 'crop_size', 'mirror'].includes(field.name) && isFieldSet(param, field),
  );
  if (moved.length === 0) return layer;
  const pick = (of: (name: string) => unknown) =>
    Object.fromEntries(moved.map(({ localName }) => [localName, of(localName)]));
  return copyWith(LayerParameterSchema, layer, {
    transformParam: copyWith(
      TransformationParameterSchema,
      layer.transformParam ?? create(TransformationParameterSchema),
      pick((field) => fieldRecord(param)[field]),
    ),
    [name]: copyWith(
      schema,
      param,
      pick(() => undefined),
    ),
  });
}

/** Running averages are not trained: Caffe drops the `param`s of BatchNorm's three blobs. */
const upgradeParam = (layer: LayerParameter): LayerParameter =>
  layer.type === 'BatchNorm' && layer.param.length === 3
    ? copyWith(LayerParameterSchema, layer, { param: [] })
    : layer;

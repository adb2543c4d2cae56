import { create, isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import type { WeightSource } from '../convert.ts';
import {
  type FillerParameter,
  FillerParameterSchema,
  type LayerParameter,
  ParamSpecSchema,
} from '../generated/caffe_pb.ts';
import type { Conversion } from '../layers/converter.ts';
import { WeightStore } from '../weights.ts';
import { whereOf } from '../where.ts';
import type { BlobRef, Parameter } from './net.ts';

interface Known extends Parameter {
  readonly blobs: BlobRef[];
  rateFactor: number;
  /** Whether a layer has said lr_mult, or decay_mult. */
  saysRate: boolean;
  decayFactor: number;
  saysDecay: boolean;
}

/**
 * The parameters of a network, as its layers ask for them. Blobs whose `param` gives the same name are one parameter;
 * the first layer owns it, and lr_mult and decay_mult are those of the first that says them, as in Caffe. Errors:
 * blobs that share a name but not a shape (Caffe's PERMISSIVE too:
 * a file could not say both), or are given different factors.
 */
export class Parameters implements WeightSource {
  readonly #zeros: WeightStore;
  readonly #all: Known[] = [];
  readonly #shared = new Map<string, Known>();

  constructor(file: string) {
    this.#zeros = new WeightStore(undefined, file);
  }

  get list(): readonly Parameter[] {
    return this.#all.map(({ name, shape, blobs, rateFactor, decayFactor, filler }) => ({
      name,
      shape,
      blobs,
      rateFactor,
      decayFactor,
      filler,
    }));
  }

  take(layer: LayerParameter, i: number, shape: readonly number[]) {
    return this.#zeros.take(layer, i, shape);
  }

  value(c: Conversion, i: number, role: string, shape: readonly number[], as: readonly number[]): string {
    const { name } = this.#parameter(c, i, role, shape);
    if (as.join() === shape.join()) return name;
    return c.step(role, 'Reshape', [name, c.constant(`${role}_shape`, int64([as.length], as))]).value;
  }

  #parameter(c: Conversion, i: number, role: string, shape: readonly number[]): Known {
    const spec = c.layer.param[i];
    const blob = { layer: c.layer.name, blob: i };
    const shared = spec?.name ? this.#shared.get(spec.name) : undefined;
    if (shared) {
      if (shape.join() !== shared.shape.join()) {
        const what = `its blob ${i} [${shape}] cannot be shared as '${spec.name}' with [${shared.shape}]`;
        fail(c.where, what, `layer '${shared.blobs[0].layer}' owns it`);
      }
      shared.blobs.push(blob);
      this.#agree(c, shared, i);
      return shared;
    }
    const parameter: Known = {
      name: c.constant(role, this.#zeros.take(c.layer, i, shape)),
      shape,
      blobs: [blob],
      // Caffe keeps the solver away from statistics.
      rateFactor: c.layer.type === 'BatchNorm' ? 0 : 1,
      saysRate: false,
      decayFactor: 1,
      saysDecay: false,
      filler: fillerOf(c.layer, i),
    };
    this.#all.push(parameter);
    if (spec?.name) this.#shared.set(spec.name, parameter);
    this.#agree(c, parameter, i);
    return parameter;
  }

  #agree(c: Conversion, parameter: Known, i: number): void {
    const spec = c.layer.param[i];
    if (!spec) return;
    const check = (what: string, said: boolean, known: number, given: number) => {
      if (said && known !== given) {
        const owner = parameter.blobs[0].layer;
        fail(
          c.where,
          `${what} ${given} of the shared '${spec.name}' differs from ${known}`,
          `layer '${owner}' shares it`,
        );
      }
    };
    if (isFieldSet(spec, ParamSpecSchema.field.lrMult)) {
      check('lr_mult', parameter.saysRate, parameter.rateFactor, spec.lrMult);
      parameter.rateFactor = spec.lrMult;
      parameter.saysRate = true;
    }
    if (isFieldSet(spec, ParamSpecSchema.field.decayMult)) {
      check('decay_mult', parameter.saysDecay, parameter.decayFactor, spec.decayMult);
      parameter.decayFactor = spec.decayMult;
      parameter.saysDecay = true;
    }
  }

  /** Errors: a layer with more `param` than it has blobs. */
  check(layers: readonly LayerParameter[], file: string): void {
    for (const layer of layers) {
      const blobs = this.#all.flatMap((parameter) =>
        parameter.blobs.filter((blob) => blob.layer === layer.name),
      );
      if (layer.param.length <= blobs.length) continue;
      fail(
        whereOf(layer, file),
        `${layer.param.length} param for ${blobs.length} blobs`,
        'remove those too many',
      );
    }
  }
}

const constant = (value: number): FillerParameter =>
  create(FillerParameterSchema, { type: 'constant', value });

/** The filler of a layer's i-th blob, Caffe's own choice where it has one. */
function fillerOf(layer: LayerParameter, i: number): FillerParameter | undefined {
  const { convolutionParam, innerProductParam, scaleParam, biasParam, preluParam, normParam } = layer;
  const p = convolutionParam ?? innerProductParam;
  if (p) return i === 0 ? p.weightFiller : p.biasFiller;
  if (layer.type === 'Scale') return i === 0 ? (scaleParam?.filler ?? constant(1)) : scaleParam?.biasFiller;
  if (layer.type === 'Normalize') return normParam?.scaleFiller ?? constant(1);
  if (layer.type === 'PReLU') return preluParam?.filler ?? constant(0.25);
  return layer.type === 'Bias' ? biasParam?.filler : undefined;
}

import { create, isFieldSet, toBinary } from '@bufbuild/protobuf';
import { float32Of } from '../../caffe/floats.ts';
import { DatumSchema, decodeCaffe } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { type Image, image } from '../../image/image.ts';
import type { Content, Planes } from '../pictures/content.ts';

/**
 * A picture as a `Datum` with its class, byte for byte as Caffe's `convert_imageset` writes it: uint8 planes C×H×W in
 * the order blue, green, red.
 */
export const imageDatum = (picture: Image, label: number): Uint8Array =>
  planesDatum(planesOf(picture), label);

/** The same of planes: one, of grey pictures, as `convert_imageset --gray` writes it. */
export function planesDatum({ channels, height, width, data }: BytePlanes, label: number): Uint8Array {
  return toBinary(DatumSchema, create(DatumSchema, { channels, height, width, data, label, encoded: false }));
}

/** Planes of 8 bits. */
export type BytePlanes = Planes & { readonly data: Uint8Array };

/** A picture as planes C×H×W in the order blue, green, red. */
export function planesOf({ height, width, data }: Image): BytePlanes {
  const plane = height * width;
  const planes = new Uint8Array(3 * plane);
  for (let i = 0, from = 0; i < plane; i++, from += 3) {
    planes[i] = data[from + 2];
    planes[plane + i] = data[from + 1];
    planes[2 * plane + i] = data[from];
  }
  return { kind: 'planes', channels: 3, height, width, data: planes };
}

/** An image file as a `Datum` with its class, as `convert_imageset --encoded` writes it: its size is not repeated. */
export function encodedDatum(bytes: Uint8Array, label: number): Uint8Array {
  return toBinary(DatumSchema, create(DatumSchema, { data: bytes, label, encoded: true }));
}

/**
 * Reads a `Datum`; its label is 0, as Caffe takes it, where it is not `labelled`. Errors name it: damaged, or sizes
 * that do not fit its data.
 */
export function readDatum(
  bytes: Uint8Array,
  name: string,
): { content: Content; label: number; labelled: boolean } {
  const datum = decodeCaffe(DatumSchema, bytes, name);
  const { label } = datum;
  const labelled = isFieldSet(datum, DatumSchema.field.label);
  if (datum.encoded) {
    if (datum.data.length === 0) fail(name, 'an encoded image of no bytes');
    return { content: { kind: 'file', bytes: datum.data }, label, labelled };
  }
  const { channels, height, width } = datum;
  const data = datum.data.length > 0 ? datum.data : float32Of(datum.floatData, name);
  if (!(channels >= 1 && height >= 1 && width >= 1) || channels * height * width !== data.length) {
    fail(name, `${data.length} values do not make ${channels}×${height}×${width}`, 'make the database again');
  }
  return { content: { kind: 'planes', channels, height, width, data }, label, labelled };
}

/** The planes of a `Datum` as a picture. Errors: neither one nor three channels, or not 8 bits. */
export function planesImage(content: Planes, name: string): Image {
  const { channels, height, width, data } = content;
  if (!(data instanceof Uint8Array) || (channels !== 1 && channels !== 3)) {
    fail(
      name,
      `${channels} channels of ${data instanceof Uint8Array ? '8-bit' : 'float'} values are no picture`,
    );
  }
  const plane = height * width;
  const out = image(width, height);
  // Grey pictures have their one plane in all three places.
  const [red, green, blue] = channels === 3 ? [2 * plane, plane, 0] : [0, 0, 0];
  for (let i = 0, o = 0; i < plane; i++, o += 3) {
    out.data[o] = data[red + i];
    out.data[o + 1] = data[green + i];
    out.data[o + 2] = data[blue + i];
  }
  return out;
}

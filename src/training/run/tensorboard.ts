import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { concatenate } from '../../common/bytes.ts';
import type { RunEvent } from './events.ts';

/** A number of a run over its iterations. */
export interface Scalar {
  /** What it is of; TensorBoard puts those together that begin alike up to a slash. */
  readonly tag: string;
  readonly value: number;
}

/** What an event of a run tells, under TensorBoard's kind of names: `loss/training`, `accuracy/validation`. */
export function eventScalars(event: RunEvent): Scalar[] {
  if (event.event === 'note') return [];
  if (event.event === 'test') {
    const series = event.net > 0 ? `validation ${event.net}` : 'validation';
    return event.outputs.map(({ name, value }) => ({ tag: `${name}/${series}`, value }));
  }
  return [
    { tag: 'loss/training', value: event.loss },
    ...event.outputs
      .filter(({ weight }) => !weight)
      .map(({ name, value }) => ({ tag: `${name}/training`, value })),
    ...(event.rate === undefined ? [] : [{ tag: 'learning rate', value: event.rate }]),
  ];
}

/**
 * Scalars as a record of a TensorBoard event file; the first record of a file has none. `time` in seconds since 1970.
 * Field numbers are those of TensorFlow's event.proto and summary.proto.
 */
export function eventRecord(time: number, step = 0, scalars: readonly Scalar[] = []): Uint8Array {
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(time);
  if (scalars.length === 0) {
    event.tag(3, WireType.LengthDelimited).string('brain.Event:2');
  } else {
    event.tag(2, WireType.Varint).int64(step).tag(5, WireType.LengthDelimited).fork();
    for (const { tag, value } of scalars) {
      event.tag(1, WireType.LengthDelimited).fork();
      event.tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32).float(value).join();
    }
    event.join();
  }
  return framed(event.finish());
}

/** A record of a TFRecord file: its length, the data, and after each its masked checksum; all little-endian. */
function framed(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, data.length, true);
  return concatenate([length, checksum(length), data, checksum(data)]);
}

function checksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes);
  const out = new Uint8Array(4);
  // Masked, since the checksum of data with its own checksum in it would tell nothing.
  new DataView(out.buffer).setUint32(0, ((crc >>> 15) | (crc << 17)) + 0xa282ead8, true);
  return out;
}

/** CRC-32C (Castagnoli), RFC 3720 appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

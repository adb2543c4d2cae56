import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { openRunLog } from '../../../src/training/run/log.node.ts';
import { crc32c } from '../../../src/training/run/tensorboard.ts';
import { temporaryFolder } from './training.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

test('checksums are those of the standard', () => {
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  // RFC 3720, appendix B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

interface Read {
  time?: number;
  step?: number;
  version?: string;
  scalars: [tag: string, value: number][];
}

/** Reads an event file record by record, holding every checksum. */
function readEvents(bytes: Uint8Array): Read[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    for (const [start, end] of [
      [at, at + 8],
      [at + 12, at + 12 + length],
    ] as const) {
      const masked = view.getUint32(end, true);
      const turned = (masked - 0xa282ead8) >>> 0;
      expect(((turned >>> 17) | (turned << 15)) >>> 0).toBe(crc32c(bytes.subarray(start, end)));
    }
    events.push(readEvent(new BinaryReader(bytes.subarray(at + 12, at + 12 + length))));
    at += 16 + length;
  }
  return events;
}

function readEvent(reader: BinaryReader): Read {
  const event: Read = { scalars: [] };
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) event.time = reader.double();
    else if (field === 2) event.step = Number(reader.int64());
    else if (field === 3) event.version = reader.string();
    else {
      expect(field).toBe(5);
      const summary = new BinaryReader(reader.bytes());
      while (summary.pos < summary.len) {
        expect(summary.tag()[0]).toBe(1);
        const value = new BinaryReader(summary.bytes());
        value.tag();
        const tag = value.string();
        value.tag();
        event.scalars.push([tag, value.float()]);
      }
    }
  }
  return event;
}

describe("TensorBoard's event file", () => {
  const begin = { net: 'n', policy: 'fixed', iteration: 0 };
  const date = () => new Date(1_700_000_000_500);
  const loss = { name: 'loss', index: 1, value: 0.25, weight: 1 };
  const work = { images: 0, waited: 0 };
  const file = (folder: string) => readFileSync(join(folder, 'events.out.tfevents.limn'));

  test('holds what the log holds, and goes on where a snapshot was', async () => {
    const folder = join(temporaryFolder(), 'run');
    const log = await openRunLog(folder, { tensorboard: true, date });
    log.start(begin);
    const accuracy = { name: 'accuracy', index: 0, value: 0.5 };
    log.test({ iteration: 0, net: 0, outputs: [accuracy, loss] });
    const logs = log.lengths();
    log.train({ iteration: 0, rate: 0.125, loss: 2.5, outputs: [accuracy, loss] }, work);
    log.close();
    const tested: Read[] = [
      { time: 1_700_000_000.5, version: 'brain.Event:2', scalars: [] },
      {
        time: 1_700_000_000.5,
        step: 0,
        scalars: [
          ['accuracy/validation', 0.5],
          ['loss/validation', 0.25],
        ],
      },
    ];
    const trained = (step: number): Read => ({
      time: 1_700_000_000.5,
      step,
      scalars: [
        ['loss/training', 2.5],
        ['accuracy/training', 0.5],
        ['learning rate', 0.125],
      ],
    });
    expect(readEvents(file(folder))).toEqual([...tested, trained(0)]);
    const next = await openRunLog(folder, { tensorboard: true, date, resume: { folder, logs, seconds: 1 } });
    next.train({ iteration: 70_000, rate: 0.125, loss: 2.5, outputs: [accuracy, loss] }, work);
    next.close();
    expect(readEvents(file(folder))).toEqual([...tested, trained(70_000)]);
  });
});

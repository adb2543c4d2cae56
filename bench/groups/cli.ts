import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { call, importGoogLeNet } from '../command.ts';
import { makePhotos } from '../photos.ts';
import { race } from '../race.ts';
import { below, type Section } from '../section.ts';
import { median } from '../statistics.ts';

/** `limn explain` of one photo with GoogLeNet, from the start of the process to its end. */
export async function cli(bench: Bench): Promise<Section> {
  const { model, bytes } = await importGoogLeNet(bench);
  const photos = await makePhotos(join(bench.folder, 'photos'), 1);
  const peaks: number[] = [];
  const name = 'limn explain';
  bench.say(`${name}, one photo`);
  const run = async () => {
    const out = join(bench.folder, 'one');
    const { ms, memory } = await call([
      'explain',
      model,
      ...photos,
      '--threads',
      `${bench.threads}`,
      '-o',
      out,
    ]);
    peaks.push(memory / 1e6);
    return ms;
  };
  const { times } = await race([{ name, run }], { ...bench, warmups: 1 });
  const [seconds, peak] = [times[name].map((ms) => ms / 1000), Math.max(...peaks)];
  const megabytes = bytes / 1e6;
  return {
    tables: [
      {
        columns: ['command', 'median s', 'fastest s', 'slowest s', 'peak MB', 'model MB'],
        rows: [
          [
            'limn explain googlenet.onnx photo.jpg',
            ...[median(seconds), Math.min(...seconds), Math.max(...seconds)].map((s) => s.toFixed(2)),
            peak.toFixed(0),
            megabytes.toFixed(1),
          ],
        ],
      },
    ],
    targets: [
      below('limn explain, one photo, GoogLeNet', 1.2, median(seconds), 's', 2),
      below('its peak memory: 3 × the weights + 300 MB', 3 * megabytes + 300, peak, 'MB'),
    ],
    notes: ['A new process each time; the model and Node itself come from the file system’s cache.'],
    raw: times,
  };
}

import { stat } from 'node:fs/promises';
import { type Bench, exportNet, limn, peer } from '../bench.ts';
import { NotHere, start } from '../contestant.ts';
import { below, type Section } from '../section.ts';

/** Peak memory of processes that load GoogLeNet and run it a few times, one image at a time. */
export async function memory(bench: Bench): Promise<Section> {
  const weights = (await stat(`${await exportNet(bench, 'googlenet')}.caffemodel`)).size / 1e6;
  const rows: string[][] = [];
  const notes: string[] = [];
  const peaks: Record<string, number> = {};
  for (const entrant of [
    limn(bench, 'limn, forward', 'forward', 'googlenet', 1),
    limn(bench, 'limn, LRP', 'lrp-taylor', 'googlenet', 1),
    peer(bench, 'PyTorch, forward', 'torch-forward', 'googlenet', 1),
    peer(bench, 'OpenCV, forward', 'opencv-forward', 'googlenet', 1),
    peer(bench, 'PyTorch, lean LRP', 'torch-lrp-lean', 'googlenet', 1),
    peer(bench, 'PyTorch, Zennit-style LRP', 'torch-lrp-zennit', 'googlenet', 1),
  ]) {
    bench.say(entrant.name);
    try {
      const contestant = await start(entrant);
      for (let i = 0; i < 3; i++) await contestant.run();
      peaks[entrant.name] = (await contestant.memory()) / 1e6;
      await contestant.close();
      rows.push([entrant.name, peaks[entrant.name].toFixed(0)]);
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      notes.push(`${entrant.name} is left out: ${error.message}.`);
    }
  }
  return {
    tables: [{ columns: ['program', 'peak MB'], rows }],
    targets: [below('GoogLeNet, LRP: 3 × the weights + 300 MB', 3 * weights + 300, peaks['limn, LRP'], 'MB')],
    notes: [
      `The weights are ${weights.toFixed(1)} MB. Peaks are those of whole processes, Node and Python included.`,
      ...notes,
    ],
    raw: Object.fromEntries(Object.entries(peaks).map(([name, peak]) => [name, [peak]])),
  };
}

import { type Bench, limn, peer } from '../bench.ts';
import { atLeast, type Section } from '../section.ts';
import { timesFaster } from '../statistics.ts';
import { compare } from './comparison.ts';

/**
 * Pixel flipping in 100 steps: limn, whose changed photos share full runs, against the engine alone on batches that are
 * ready, and against a loop over one photo at a time in PyTorch.
 */
export function faithfulness(bench: Bench): Promise<Section> {
  const { photos } = bench;
  return compare(bench, [
    {
      title: `GoogLeNet, pixel flipping of ${photos} photos × 100 steps`,
      net: 'googlenet',
      images: photos,
      same: [
        limn(bench, 'limn', 'flipping', 'googlenet', photos),
        peer(bench, 'PyTorch, one by one', 'torch-flipping', 'googlenet', photos),
      ],
      beside: [limn(bench, 'engine alone', 'asking', 'googlenet', photos)],
      bound: 1e-3,
      targets: (taken) => [
        atLeast(
          "limn's throughput by the engine's",
          0.85,
          1 / timesFaster(taken['engine alone'], taken.limn),
        ),
        ...(taken['PyTorch, one by one']
          ? [atLeast("PyTorch's time by limn's", 5, timesFaster(taken.limn, taken['PyTorch, one by one']))]
          : []),
      ],
    },
  ]);
}

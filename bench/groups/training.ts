import { type Bench, limn, type NetName, netTitles, peer } from '../bench.ts';
import { atLeast, type Section } from '../section.ts';
import { median, timesFaster } from '../statistics.ts';
import { type Comparison, compare } from './comparison.ts';

const pyTorch = 'PyTorch';
const compiled = 'PyTorch, compiled';

/**
 * Networks, batches, how many times faster than PyTorch limn wants to be, and the original Caffe's ms per step on one
 * thread of another machine (2 cores with AVX-512, as in the engine notes), with how many times faster limn wants to be.
 */
const cases: readonly {
  readonly net: NetName;
  readonly batch: number;
  readonly peer: number;
  readonly caffe: number;
  readonly original: number;
}[] = [
  { net: 'adience', batch: 50, peer: 1.3, caffe: 3500, original: 1.9 },
  { net: 'googlenet_heads', batch: 10, peer: 2.5, caffe: 2650, original: 1.5 },
];

/** Steps of training: forward, loss, backward and update. */
export async function training(bench: Bench): Promise<Section> {
  const section = await compare(
    bench,
    cases.map((each): Comparison => {
      const { net, batch, caffe, original } = each;
      const title = `${netTitles[net]} b${batch}`;
      return {
        title,
        net,
        images: batch,
        same: [
          limn(bench, 'limn', 'training', net, batch),
          peer(bench, pyTorch, 'torch-training', net, batch),
          peer(bench, compiled, 'torch-compiled-training', net, batch),
        ],
        bound: 1e-3,
        targets: (taken) => [
          ...[pyTorch, compiled].flatMap((name) =>
            taken[name]
              ? [
                  atLeast(
                    `${title}: ${name}'s time by limn's`,
                    each.peer,
                    timesFaster(taken.limn, taken[name]),
                  ),
                ]
              : [],
          ),
          atLeast(`${title}: the original Caffe's time by limn's`, original, caffe / median(taken.limn)),
        ],
      };
    }),
  );
  const notes = [
    'The original Caffe was not run here. Its times, 3.5 s and 2.65 s, are those of one thread of another machine (two cores with AVX-512).',
    'Apart: loss, and size and direction of the first layer’s first move. Dropout is left out of both.',
  ];
  return { ...section, notes: [...section.notes, ...notes] };
}

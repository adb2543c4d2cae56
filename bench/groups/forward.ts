import { type Bench, limn, type NetName, netTitles, peer } from '../bench.ts';
import { atLeast, type Section } from '../section.ts';
import { timesFaster } from '../statistics.ts';
import { type Comparison, compare } from './comparison.ts';

/** Networks, batches, and how many times faster than each peer limn wants to be there. */
const cases: readonly (readonly [NetName, batch: number, wanted: Readonly<Record<string, number>>])[] = [
  ['googlenet', 10, { PyTorch: 2.5, OpenCV: 2.5 }],
  ['googlenet', 1, {}],
  ['adience', 10, { PyTorch: 1.3, OpenCV: 1.7 }],
  ['caffenet', 10, {}],
  ['vgg16', 1, { PyTorch: 1.5, OpenCV: 1.5 }],
];

/** Classification of ready inputs, against PyTorch's and OpenCV's. */
export async function forward(bench: Bench): Promise<Section> {
  const comparisons = cases.map(([net, batch, wanted]): Comparison => {
    const title = `${netTitles[net]} b${batch}`;
    return {
      title,
      net,
      same: [
        limn(bench, 'limn', 'forward', net, batch),
        peer(bench, 'PyTorch', 'torch-forward', net, batch),
        peer(bench, 'OpenCV', 'opencv-forward', net, batch),
      ],
      bound: 1e-3,
      targets: (taken) =>
        Object.entries(wanted).flatMap(([name, factor]) =>
          taken[name]
            ? [atLeast(`${title}: ${name}'s time by limn's`, factor, timesFaster(taken.limn, taken[name]))]
            : [],
        ),
    };
  });
  return compare(bench, comparisons);
}

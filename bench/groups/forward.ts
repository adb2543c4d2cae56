import { type Bench, limn, type NetName, netTitles, peer } from '../bench.ts';
import { importNet } from '../command.ts';
import { atLeast, type Section } from '../section.ts';
import { timesFaster } from '../statistics.ts';
import { type Comparison, compare } from './comparison.ts';

const cases: readonly (readonly [NetName, batch: number])[] = [
  ['googlenet', 10],
  ['googlenet', 1],
  ['adience', 10],
  ['caffenet', 10],
  ['vgg16', 1],
];

const compiled = 'PyTorch, compiled';
/** How many times faster than each of today's peers limn wants to be, on every network. */
const wanted: Readonly<Record<string, number>> = { PyTorch: 1.2, [compiled]: 1.2 };

/** Classification of ready inputs, against PyTorch's, OpenCV's and ONNX Runtime's own Python on limn's file. */
export async function forward(bench: Bench): Promise<Section> {
  for (const net of new Set(cases.map(([net]) => net))) await importNet(bench, net);
  const comparisons = cases.map(([net, batch]): Comparison => {
    const title = `${netTitles[net]} b${batch}`;
    return {
      title,
      net,
      same: [
        limn(bench, 'limn', 'forward', net, batch),
        peer(bench, 'PyTorch', 'torch-forward', net, batch),
        peer(bench, compiled, 'torch-compiled-forward', net, batch),
        peer(bench, "ONNX Runtime's Python", 'ort-forward', net, batch),
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

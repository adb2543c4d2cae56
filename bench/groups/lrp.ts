import { type Bench, limn, type NetName, netTitles, peer } from '../bench.ts';
import { atLeast, type Section, type Target, times } from '../section.ts';
import { median, timesFaster } from '../statistics.ts';
import { type Comparison, compare } from './comparison.ts';

/** How many times faster than each peer limn wants to be, and at most how many times a forward its relevance may take. */
const goals = {
  googlenet: { zennit: 6, lean: 2, forward: 4.2 },
  adience: { zennit: 6, lean: 1.6, forward: 3.2 },
  vgg16: { zennit: 6, lean: 1.6, forward: 3 },
} as const satisfies Partial<Record<NetName, { zennit: number; lean: number; forward: number }>>;
const nets = Object.keys(goals) as (keyof typeof goals)[];

const own = 'limn, its own rule for LRN';
const classified = 'limn, forward only';
const zennit = 'PyTorch, Zennit-style';
const lean = 'PyTorch, lean';
const compiled = 'PyTorch, lean, compiled';

/**
 * Relevance of one image, forward included, against two implementations on PyTorch: formula 102 with the flat rule as
 * far up as in the 2017 paper. LRN passes relevance on in all of them; limn's default for it is timed besides.
 */
export async function lrp(bench: Bench): Promise<Section> {
  const comparisons = nets.map((net): Comparison => {
    const title = `${netTitles[net]} b1`;
    return {
      title,
      net,
      same: [
        limn(bench, 'limn', 'lrp', net, 1),
        peer(bench, zennit, 'torch-lrp-zennit', net, 1),
        peer(bench, lean, 'torch-lrp-lean', net, 1),
        peer(bench, compiled, 'torch-compiled-lrp-lean', net, 1),
      ],
      beside: [
        ...(net === 'vgg16' ? [] : [limn(bench, own, 'lrp-taylor', net, 1)]),
        limn(bench, classified, 'forward', net, 1),
      ],
      // α2β1 amplifies rounding. On VGG16 the lean one is 1.4e-3 from its own result in float64; limn is 5e-5 from it.
      bound: net === 'vgg16' ? 3e-3 : 1e-3,
      targets: (taken) => targets(title, goals[net], taken),
    };
  });
  return compare(bench, comparisons);
}

function targets(
  title: string,
  goal: (typeof goals)[keyof typeof goals],
  taken: Readonly<Record<string, readonly number[]>>,
): Target[] {
  // VGG16 has no normalisation: its only relevance is the one that the peers compute, too.
  const ratio = median((taken[own] ?? taken.limn).map((value, round) => value / taken[classified][round]));
  return [
    ...[[zennit, goal.zennit] as const, [lean, goal.lean] as const, [compiled, goal.lean] as const].flatMap(
      ([name, factor]) =>
        taken[name]
          ? [atLeast(`${title}: time of ${name} by limn's`, factor, timesFaster(taken.limn, taken[name]))]
          : [],
    ),
    {
      what: `${title}: LRP${taken[own] ? ' (with its own rule for LRN)' : ''} by forward`,
      wanted: `≤ ${times(goal.forward)}`,
      measured: times(ratio),
      met: ratio <= goal.forward,
    },
  ];
}

import { count, percent, plural } from '../common/format.ts';
import type { AnalysedLayer, ConceptReport } from './record.ts';

type Evidence = Pick<ConceptReport, 'layers' | 'edges' | 'photos' | 'data'>;

/** What the numbers show, in sentences. */
export function conceptFindings({ layers, edges, photos, data }: Evidence): string[] {
  return [
    ...photos.map(({ photo, target, layers: each }) => {
      const parts = each.map(
        ({ name, channels }) =>
          `at ${name} ${channels
            .slice(0, 3)
            .map(({ channel, share }) => `channel ${channel} (${percent(share)})`)
            .join(', ')}`,
      );
      return `What speaks for ${target} in ${photo} is carried ${parts.join('; ')} of all relevance there.`;
    }),
    ...layers.flatMap((layer) => [...strongest(layer, data.photos), ...different(layer)]),
    ...layers.flatMap(({ name }) => {
      const [first] = edges.filter(({ upper }) => upper.layer === name).sort((a, b) => b.share - a.share);
      if (!first) return [];
      const { upper, lower, share, photos: n } = first;
      return [
        `Of the shown channels of ${upper.layer}, channel ${upper.channel} leans most on one of ${lower.layer}: channel ${lower.channel} carries ${percent(share)} of its relevance (mean of ${plural(n, 'reference photo')}).`,
      ];
    }),
  ];
}

/** Which channel carried most, and how many hold half. */
function strongest({ name, channels, concepts, half, through }: AnalysedLayer, photos: number): string[] {
  const [first] = concepts;
  if (!first)
    return [`No channel of ${name} has a positive share of the relevance over ${plural(photos, 'photo')}.`];
  const { mean, low, high } = first.share;
  const interval =
    low === undefined || high === undefined ? '' : ` (95 % interval ${percent(low)} to ${percent(high)})`;
  return [
    `Over ${plural(photos, 'photo')}, channel ${first.channel} carries the largest share of the relevance at ${name}: ${percent(mean)}${interval}; ${plural(half, 'channel')} of ${count(channels)} hold half of what speaks for the explained classes.`,
    ...(Math.abs(through.mean - 1) > 0.1
      ? [
          `Relevance at ${name} comes to ${percent(through.mean)} of the explained scores: the rest goes to biases above it, or past it.`,
        ]
      : []),
  ];
}

/** Channels whose photos by relevance and by activation have nothing in common. */
function different({ name, concepts }: AnalysedLayer): string[] {
  const apart = concepts.filter(({ references }) => {
    const of = (kind: string) => references.filter((each) => each.kind === kind).map(({ photo }) => photo);
    const active = new Set(of('activation'));
    const relevant = of('relevance');
    return relevant.length > 1 && active.size > 1 && !relevant.some((photo) => active.has(photo));
  });
  if (apart.length === 0) return [];
  const named = apart.map(({ channel }) => channel).join(', ');
  return [
    `At ${name}, ${apart.length === 1 ? `channel ${named} is` : `channels ${named} are`} most active in other photos than those whose decision ${apart.length === 1 ? 'it carries' : 'they carry'} most: what excites a channel is not always what the network uses it for.`,
  ];
}

/** What the numbers do not show. */
export function conceptLimits({ layers, data, photos }: Evidence): string[] {
  return [
    'A channel is a number of the network, not a concept: it becomes one when somebody looks at its photos and gives it a name, and the name is theirs. One channel may stand for several things, and one thing be spread over several channels.',
    'Shares are relevance by one set of rules; others share it otherwise. They say what the score was put together from, not what would happen without the channel.',
    `Reference photos are the best of ${plural(data.photos, 'photo')}: what the data does not hold, no channel can show. Crops hold four fifths of the conditional relevance that a channel's strongest place sees; the rest of the photo may matter, too.`,
    'The channels shown are those with the largest means, chosen by the same photos: their intervals are of each mean alone, and the first of many looks larger than it would in other photos.',
    ...(layers.some(({ classes }) => classes.some((each) => each.photos < 10))
      ? [
          'Classes of fewer than ten photos say little of the class: they say what these photos have in common.',
        ]
      : []),
    ...(photos.length > 0 ? ['An explained photo is one photo: its shares have no interval.'] : []),
  ];
}

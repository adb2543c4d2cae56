import { COLORMAPS } from '../../image/maps/colormap.ts';
import type { ChannelReduction } from '../../image/maps/heatmap.ts';
import { type Command, Option, parseNumber } from '../command.ts';

/** How relevance becomes a picture. */
export interface HeatmapOptions {
  /** The name of a colour map. */
  readonly colors: string;
  readonly pooling: ChannelReduction;
  readonly percentile?: number;
  readonly limit?: number;
}

export function withHeatmapOptions(given: Command): Command {
  return given
    .addOption(
      new Option('--colors <name>', 'colour map').choices([...COLORMAPS.keys()]).default('black-firered'),
    )
    .addOption(
      new Option('--pooling <kind>', 'how the channels become one map; norm is L2, without signs')
        .choices(['sum', 'mean', 'norm'])
        .default('sum'),
    )
    .option(
      '--percentile <p>',
      'the colours end at this percentile of |relevance|; 99.5 unless given',
      parseNumber(0, 100),
    )
    .option('--limit <x>', 'the colours end at ±x, in every heatmap', parseNumber(0));
}

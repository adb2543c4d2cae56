import { colormap, overlay, renderHeatmap } from '../../image/index.ts';
import { type KeptPicture, pictureUrl } from '../parts/pin.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { view } from '../state/view.ts';
import { ownLimit } from './limits.ts';

/** What a network saw of a photo, and its heatmap as it is drawn now: for the notebook. */
export function keptPictures(
  { view: seen, map, reading }: ShownExplanation,
  of = '',
): readonly KeptPicture[] {
  const { colors, percentile, opacity } = view.value.drawing;
  const limit = ownLimit(map, percentile);
  const drawn =
    opacity >= 1
      ? renderHeatmap(map, colormap(colors), limit)
      : overlay(seen, map, colormap(colors), { limit, opacity });
  return [
    { source: pictureUrl(seen), alt: `what the network sees${of && ` of ${of}`}` },
    { source: pictureUrl(drawn), alt: `what speaks for ${reading.target.name}${of && ` in ${of}`}` },
  ];
}

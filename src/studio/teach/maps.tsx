import type { ComponentChildren } from 'preact';
import { percent } from '../../common/format.ts';
import { Heat } from '../explain/heat.tsx';
import { ownLimit } from '../explain/limits.ts';
import { shareOf } from '../explain/region.ts';
import type { ShownExplanation } from '../protocol/index.ts';
import { firstDrawing } from '../state/view.ts';
import { Marked } from './marked.tsx';
import { extremeSquares, regionUnder, type Square } from './square.ts';

const { colors, opacity, percentile } = firstDrawing;

/** The value at the ends of a map's colours in the tour. */
export const tourLimit = ({ map }: ShownExplanation): number => ownLimit(map, percentile);

export const tourColors = colors;

/** A map over the portrait with a square that somebody set, and that of its size which holds most. */
export function TourMap({
  shown,
  label,
  guess,
  limit = tourLimit(shown),
  most = false,
  children,
}: {
  readonly shown: ShownExplanation;
  readonly label: string;
  readonly guess?: Square;
  readonly limit?: number;
  /** Whether the square that holds most is shown besides. */
  readonly most?: boolean;
  readonly children?: ComponentChildren;
}) {
  const best =
    guess && most ? [{ square: extremeSquares(shown.map, guess.side).most, kind: 'most' as const }] : [];
  return (
    <figure>
      <Marked squares={[...(guess ? [{ square: guess, kind: 'guess' as const }] : []), ...best]}>
        <Heat
          map={shown.map}
          view={shown.view}
          limit={limit}
          colors={colors}
          opacity={opacity}
          label={label}
        />
      </Marked>
      {children && <figcaption>{children}</figcaption>}
    </figure>
  );
}

/** The share of all |relevance| in a square. */
export const shareIn = ({ map }: ShownExplanation, square: Square) => shareOf(map, regionUnder(square, map));

/** The same in words. */
export const ShareText = ({
  shown,
  square,
}: {
  readonly shown: ShownExplanation;
  readonly square: Square;
}) => {
  const { ofAbsolute, ofArea } = shareIn(shown, square);
  return (
    <>
      <strong>{percent(ofAbsolute)}</strong> of the relevance on {percent(ofArea)} of the picture
    </>
  );
};

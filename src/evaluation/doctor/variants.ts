import { geometries } from './geometry.ts';
import { normalisations } from './normalisation.ts';
import type { PixelStatistics } from './pixels.ts';
import type { OtherRounding } from './rounding.ts';
import type { Setup, SetupVariant } from './setup.ts';

/** Everything that is tried by itself, but orders of labels. */
export const singles = (
  setup: Setup,
  pixels: PixelStatistics,
  rounding: OtherRounding | undefined,
): SetupVariant[] => [
  ...normalisations(setup, pixels),
  ...geometries(setup, pixels.squares),
  ...roundings(setup, rounding),
];

/** Other numbers and another geometry at the same time. */
export const pairs = (setup: Setup, pixels: PixelStatistics): SetupVariant[] =>
  normalisations(setup, pixels).flatMap((numbers) =>
    geometries(numbers.setup, pixels.squares).map((geometry) => ({
      kind: numbers.kind,
      what: `${numbers.what}; ${geometry.what}`,
      changes: numbers.changes + geometry.changes,
      setup: geometry.setup,
    })),
  );

/** What is wrong with a graph's pooling layers, in words. */
export const roundingText = ({ rounds, layers }: OtherRounding): string =>
  `pooling layers (${layers.slice(0, 4).join(', ')}${layers.length > 4 ? ', …' : ''}) ` +
  `should round the number of their windows ${rounds}`;

function roundings(setup: Setup, other: OtherRounding | undefined): SetupVariant[] {
  if (!other || other.misfit !== undefined) return [];
  return [
    { kind: 'pooling', what: roundingText(other), changes: 1, setup: { ...setup, graph: other.graph } },
  ];
}

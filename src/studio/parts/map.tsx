import { useMemo } from 'preact/hooks';
import { colormap, renderHeatmap, type ScalarMap } from '../../image/index.ts';
import { type Painting, Picture } from './picture.tsx';

/** Relevance or activations in colours, each value a whole pixel; `limit` is the value at the ends of the colours. */
export function MapPicture({
  map,
  colors,
  limit,
  label,
}: {
  readonly map: ScalarMap;
  readonly colors: string;
  readonly limit: number;
  readonly label: string;
}) {
  const image = useMemo(
    (): Painting => ({
      width: map.width,
      height: map.height,
      paint: () => renderHeatmap(map, colormap(colors), limit),
    }),
    [map, colors, limit],
  );
  return <Picture image={image} label={label} pixels />;
}

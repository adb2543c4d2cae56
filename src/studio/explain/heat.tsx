import { useMemo, useState } from 'preact/hooks';
import { percent, short } from '../../common/format.ts';
import { colormap, type Image, overlay, renderHeatmap, type ScalarMap } from '../../image/index.ts';
import { type Painting, Picture } from '../parts/picture.tsx';
import { type Region, shareOf, spanned } from './region.ts';

/** Relevance over what the network sees: a value under the pointer, the share of a region that is dragged over. */
export function Heat({
  map,
  view,
  limit,
  colors,
  opacity,
  label,
  reads = false,
}: {
  readonly map: ScalarMap;
  readonly view: Image;
  readonly limit: number;
  readonly colors: string;
  readonly opacity: number;
  readonly label: string;
  /** Whether values and regions are read off. */
  readonly reads?: boolean;
}) {
  const [point, setPoint] = useState<{ readonly x: number; readonly y: number }>();
  const [region, setRegion] = useState<Region>();
  const image = useMemo(
    (): Painting => ({
      width: opacity >= 1 ? map.width : view.width,
      height: opacity >= 1 ? map.height : view.height,
      paint: () =>
        opacity >= 1
          ? renderHeatmap(map, colormap(colors), limit)
          : overlay(view, map, colormap(colors), { limit, opacity }),
    }),
    [map, view, limit, colors, opacity],
  );
  if (!reads) return <Picture image={image} label={label} pixels={opacity >= 1} />;
  const { width, height } = map;
  return (
    <div class="heat">
      <div class="heat-stage">
        <Picture
          image={image}
          label={label}
          pixels={opacity >= 1}
          onPoint={setPoint}
          onDrag={(from, to, ended) => {
            const clicked = ended && from.x === to.x && from.y === to.y;
            setRegion(clicked ? undefined : spanned(from, to));
          }}
        />
        {region && (
          <div
            class="heat-region"
            style={{
              left: `${(100 * region.left) / width}%`,
              top: `${(100 * region.top) / height}%`,
              width: `${(100 * (region.right - region.left + 1)) / width}%`,
              height: `${(100 * (region.bottom - region.top + 1)) / height}%`,
            }}
          />
        )}
      </div>
      <p class="reading" aria-live="off">
        {region ? (
          <RegionText map={map} region={region} />
        ) : point ? (
          <>
            <strong>{short(map.data[point.y * width + point.x])}</strong> at pixel {point.x}, {point.y}
          </>
        ) : (
          'Point at a pixel for its value, drag over a region for its share.'
        )}
      </p>
    </div>
  );
}

function RegionText({ map, region }: { readonly map: ScalarMap; readonly region: Region }) {
  const { sum, ofSum, ofAbsolute, ofArea } = shareOf(map, region);
  return (
    <>
      <strong>{short(sum)}</strong> in this region
      {ofSum !== undefined && `, ${percent(ofSum)} of the sum`}: {percent(ofAbsolute)} of all |relevance| on{' '}
      {percent(ofArea)} of the picture.
    </>
  );
}

/** The colours and the values at their ends. */
export function Legend({ colors, limit }: { readonly colors: string; readonly limit: number }) {
  const bar = useMemo((): Painting => {
    const size = { width: 201, height: 1 };
    const paint = () => {
      const data = Float32Array.from({ length: size.width }, (_, i) => i / 100 - 1);
      return renderHeatmap({ ...size, data }, colormap(colors), 1);
    };
    return { ...size, paint };
  }, [colors]);
  return (
    <div class="legend">
      <span>against, −{short(limit)}</span>
      <Picture image={bar} label={`colours from −${short(limit)} to ${short(limit)}`} />
      <span>+{short(limit)}, for</span>
    </div>
  );
}

import { useMemo, useState } from 'preact/hooks';
import { percent, short } from '../../common/format.ts';
import { colormap, type Image, overlay, renderHeatmap, type ScalarMap } from '../../image/index.ts';
import { type Painting, Picture, type PicturePlace } from '../parts/picture.tsx';
import { placeByKey, type Region, shareOf, spanned } from './region.ts';

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
  const [point, setPoint] = useState<PicturePlace>();
  const [region, setRegion] = useState<Region>();
  /** Where keys lead from; undefined where the pointer reads. */
  const [cursor, setCursor] = useState<PicturePlace>();
  /** Where a region begins that keys span. */
  const [anchor, setAnchor] = useState<PicturePlace>();
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
  const press = (event: KeyboardEvent) => {
    const here = cursor ?? { x: width >> 1, y: height >> 1 };
    const next = placeByKey(here, event.key, event.shiftKey, map);
    const spans = event.key === 'Enter' || event.key === ' ';
    if (event.key === 'Escape') {
      setRegion(undefined);
      setAnchor(undefined);
      return;
    }
    if (!next && !spans) return;
    event.preventDefault();
    // The first key shows where one is.
    const place = (cursor && next) || here;
    const from = spans ? (anchor ? undefined : place) : anchor;
    setCursor(place);
    setAnchor(from);
    if (from) setRegion(spanned(from, place));
    else if (!spans) setRegion(undefined);
  };
  const read = cursor ?? point;
  return (
    <div class="heat">
      <div
        class="heat-stage"
        role="application"
        aria-roledescription="heatmap"
        aria-label={`${label}; arrow keys go from pixel to pixel, with Shift ten at a time, Enter begins and ends a region`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys.
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => {
          setCursor(undefined);
          setAnchor(undefined);
        }}
      >
        <Picture
          image={image}
          label={label}
          pixels={opacity >= 1}
          onPoint={setPoint}
          onDrag={(from, to, ended) => {
            setCursor(undefined);
            const clicked = ended && from.x === to.x && from.y === to.y;
            setRegion(clicked ? undefined : spanned(from, to));
          }}
        />
        {region && <RegionFrame region={region} map={map} />}
        {cursor && <RegionFrame region={spanned(cursor, cursor)} map={map} />}
      </div>
      <p class="reading" aria-live={cursor ? 'polite' : 'off'}>
        {region ? (
          <RegionText map={map} region={region} />
        ) : read ? (
          <>
            <strong>{short(map.data[read.y * width + read.x])}</strong> at pixel {read.x}, {read.y}
          </>
        ) : (
          'Point at a pixel for its value, drag over a region for its share.'
        )}
      </p>
    </div>
  );
}

function RegionFrame({
  region: { left, top, right, bottom },
  map: { width, height },
}: {
  readonly region: Region;
  readonly map: ScalarMap;
}) {
  return (
    <div
      class="heat-region"
      style={{
        left: `${(100 * left) / width}%`,
        top: `${(100 * top) / height}%`,
        width: `${(100 * (right - left + 1)) / width}%`,
        height: `${(100 * (bottom - top + 1)) / height}%`,
      }}
    />
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

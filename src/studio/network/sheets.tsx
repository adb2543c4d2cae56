import { useMemo } from 'preact/hooks';
import { count, shapeText, short } from '../../common/format.ts';
import { ownLimit } from '../explain/limits.ts';
import { MapPicture } from '../parts/map.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { Asks, ChannelSheet } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { requestOf } from '../state/request.ts';
import { activeColumn, activePhoto, view } from '../state/view.ts';

/** What is asked of a layer, of the photo and the column that are looked at. */
export function layerRequest(layer: string | undefined): Asks['layer']['asked'] | undefined {
  const photo = activePhoto();
  return layer === undefined || photo === undefined
    ? undefined
    : { request: requestOf(activeColumn(), photo, 'sum'), layer };
}

/** The value at the ends of the colours of all channels of a sheet. */
export const sheetLimit = ({ channels }: ChannelSheet): number =>
  Math.max(...channels.map(({ map }) => map.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)));

/** What a layer holds of the photo that is looked at. */
export function LayerPart({ layer }: { readonly layer: string | undefined }) {
  const asked = useAsked('layer', layerRequest(layer), `looking into ${layer}`);
  if (layer === undefined)
    return <p class="hint">Choose a layer to see what its channels hold of the photo.</p>;
  return (
    <section class="sheets" aria-labelledby="sheets-title">
      <h2 id="sheets-title">{layer}</h2>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="looking into the layer" />}
      {asked.state === 'ready' && (
        <>
          <Sheet title="Activations" sheet={asked.answer.activations} />
          {asked.answer.relevance ? (
            <Sheet title="Relevance" sheet={asked.answer.relevance} />
          ) : (
            <p class="hint">No relevance comes by here, or the method is defined at the pixels only.</p>
          )}
        </>
      )}
    </section>
  );
}

/** Channels as small pictures, the strongest first, all in one scale. */
function Sheet({ title, sheet }: { readonly title: string; readonly sheet: ChannelSheet }) {
  const { colors } = view.value.drawing;
  const limit = useMemo(() => sheetLimit(sheet), [sheet]);
  const { whole } = sheet;
  const all = sheet.shape.length === 3 ? sheet.shape[0] : 1;
  return (
    <div class="sheet">
      <h3>
        {title}{' '}
        <small>
          {shapeText(sheet.shape)}, sum {short(sheet.sum)}, colours to ±{short(limit)}
        </small>
      </h3>
      {whole && (
        <figure class="sheet-whole">
          <MapPicture
            map={whole}
            colors={colors}
            limit={ownLimit(whole, 100)}
            label={`${title.toLowerCase()} of all channels together`}
          />
          <figcaption>all channels together, colours to ±{short(ownLimit(whole, 100))}</figcaption>
        </figure>
      )}
      <ul>
        {sheet.channels.map(({ channel, sum, map }) => (
          <li key={channel}>
            <MapPicture
              map={map}
              colors={colors}
              limit={limit}
              label={`${title.toLowerCase()} of channel ${channel}`}
            />
            <small>
              {all > 1 && `${channel}: `}
              {short(sum)}
            </small>
          </li>
        ))}
      </ul>
      {all > sheet.channels.length && (
        <p class="hint">
          The {sheet.channels.length} strongest of {count(all)} channels.
        </p>
      )}
    </div>
  );
}

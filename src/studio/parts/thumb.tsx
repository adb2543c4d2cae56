import { Heat } from '../explain/heat.tsx';
import { ownLimit } from '../explain/limits.ts';
import { useAsked } from '../state/asked.ts';
import type { StudioFile } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { type Column, requestOf } from '../state/request.ts';
import { view } from '../state/view.ts';

/** A photo in a gallery with what is said of it. */
export function Thumb({
  file,
  column,
  name,
  wrong,
  title,
  note,
}: {
  readonly file: StudioFile | undefined;
  /** How it is explained, where a heatmap is wanted. */
  readonly column: Column | undefined;
  readonly name: string;
  readonly wrong: boolean;
  readonly title: string;
  readonly note: string;
}) {
  return (
    <div class={`thumb ${wrong ? 'thumb-wrong' : ''}`}>
      {!file ? (
        <span class="thumb-none">{fileNameOf(name)}</span>
      ) : !column ? (
        <img src={addressOfPhoto(file)} alt={name} decoding="async" />
      ) : (
        <ThumbHeat column={column} path={file.path} />
      )}
      <span class="thumb-title">{title}</span>
      <small>{note}</small>
    </div>
  );
}

function ThumbHeat({ column, path }: { readonly column: Column; readonly path: string }) {
  const asked = useAsked('explain', requestOf(column, path, 'sum'), 'explaining', { oneOfMany: true });
  const { colors, opacity, percentile } = view.value.drawing;
  if (asked.state === 'failed') return <span class="thumb-none">{asked.message}</span>;
  if (asked.state !== 'ready') return <span class="thumb-none" aria-busy="true" />;
  const { map, view: seen } = asked.answer;
  return (
    <Heat
      map={map}
      view={seen}
      limit={ownLimit(map, percentile)}
      colors={colors}
      opacity={opacity}
      label={`heatmap of ${path}`}
    />
  );
}

import { ExplainInFull, PhotoPart, WhyMap } from '../explain/photo.tsx';
import type { ShownClusters } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { clustersView } from '../state/clusters.ts';
import type { StudioFile } from '../state/files.ts';
import { type Column, requestOf } from '../state/request.ts';

/** One photo of a clustering: what is known of it, and its heatmap. */
export function ClusterPhoto({
  shown: { photos, columns },
  place,
  file,
  column,
}: {
  readonly shown: ShownClusters;
  readonly place: number;
  readonly file: StudioFile | undefined;
  readonly column: Column | undefined;
}) {
  const name = photos[place];
  const onClose = () => {
    const { photo: _, ...rest } = clustersView.value;
    clustersView.value = rest;
  };
  return (
    <PhotoPart {...{ name, columns, place, file, onClose }} label={`the photo ${name}`}>
      {file && column && <PhotoHeat path={file.path} column={column} />}
    </PhotoPart>
  );
}

function PhotoHeat({ path, column }: { readonly path: string; readonly column: Column }) {
  const asked = useAsked('explain', requestOf(column, path, 'sum'), 'explaining the photo');
  return (
    <>
      <WhyMap asked={asked} />
      {asked.state === 'ready' && <ExplainInFull path={path} column={column} />}
    </>
  );
}

import { useMemo } from 'preact/hooks';
import { percent, short } from '../../common/format.ts';
import type {
  AnalysedLayer,
  Concept,
  ConceptReport,
  PixelWindow,
  ShownReference,
} from '../../concepts/index.ts';
import { cropImage, type Image } from '../../image/index.ts';
import { fileFinder } from '../parts/findfile.ts';
import { Picture } from '../parts/picture.tsx';
import { useAsked } from '../state/asked.ts';
import { showClusters } from '../state/clusters.ts';
import { modelFiles, photoFiles, type StudioFile } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { room, show } from '../state/view.ts';
import { columnOfAnalysis } from './analysis.ts';

/** What a channel's reference photos are chosen by, and what is said of them. */
export const referenceKinds = [
  ['relevance', 'Carries most relevance in'],
  ['activation', 'Is most active in'],
] as const;

/** One channel: its reference photos, cropped to what it looks at, and what feeds it. */
export function ChannelPart({
  report,
  layer,
  concept: { channel, activation, references },
}: {
  readonly report: ConceptReport;
  readonly layer: AnalysedLayer;
  readonly concept: Concept;
}) {
  const [files, models] = [photoFiles.value, modelFiles.value];
  const fileOf = useMemo(() => {
    const find = fileFinder(files);
    return (photo: string) => find(photo, report.data.source.replace(/[^/]*\.\w+$/, ''));
  }, [files, report]);
  const column = useMemo(() => columnOfAnalysis(report, models), [report, models]);
  const feeding = report.edges.filter(({ upper }) => upper.layer === layer.name && upper.channel === channel);
  return (
    <>
      <h2 id="channel-title">
        Channel {channel} of {layer.name}
      </h2>
      {!column && (
        <p class="hint">
          With {report.model.file} among the files of this page, photos are cropped to what the channel looks
          at.
        </p>
      )}
      {referenceKinds.map(([kind, title]) => {
        const own = references.filter((each) => each.kind === kind);
        return own.length === 0 ? null : (
          <div key={kind} class="sheet">
            <h3>{title}</h3>
            <ul class="concepts-references">
              {own.map((reference) => (
                <li key={reference.photo}>
                  <Reference
                    reference={reference}
                    file={fileOf(reference.photo)}
                    model={column?.model}
                    onOpen={(path) => {
                      if (!column) return;
                      show({ photos: [path], columns: [column], photo: 0, column: 0 });
                      room.value = 'explain';
                    }}
                  />
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      <dl class="facts">
        <div>
          <dt>largest activation</dt>
          <dd>{short(activation.mean)}, the mean over photos</dd>
        </div>
        {feeding.length > 0 && (
          <div>
            <dt>fed by {feeding[0].lower.layer}</dt>
            <dd class="buttons">
              {feeding.map(({ lower, share }) => (
                <button
                  key={lower.channel}
                  type="button"
                  onClick={() => showClusters({ layer: lower.layer, channel: lower.channel })}
                >
                  {lower.channel} <small>{percent(share)}</small>
                </button>
              ))}
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Reference({
  reference: { photo, kind, value, target, crop },
  file,
  model,
  onOpen,
}: {
  readonly reference: ShownReference;
  readonly file: StudioFile | undefined;
  readonly model: string | undefined;
  onOpen(path: string): void;
}) {
  const asked = useAsked(
    'seen',
    file && model !== undefined ? { model, photo: file.path } : undefined,
    'preparing photos',
    { oneOfMany: true },
  );
  const seen = asked.state === 'ready' ? asked.answer : undefined;
  const cropped = useMemo(() => seen && cropImage(seen, withinImage(crop, seen)), [seen, crop]);
  const words = kind === 'relevance' ? percent(value) : short(value);
  const label = `${photo}, for ${target}: ${words}${kind === 'relevance' ? ' of its relevance' : ''}`;
  return (
    <button
      type="button"
      class="thumb"
      title={label}
      disabled={!file || model === undefined}
      onClick={() => file && onOpen(file.path)}
    >
      {cropped ? (
        <Picture image={cropped} label={label} />
      ) : file && model === undefined ? (
        <img src={addressOfPhoto(file)} alt={label} decoding="async" />
      ) : (
        <span class="thumb-none" aria-busy={asked.state === 'asking'}>
          {asked.state === 'failed' ? asked.message : fileNameOf(photo)}
        </span>
      )}
      <span class="thumb-title">{target}</span>
      <small>{words}</small>
    </button>
  );
}

/** What of a window lies in a picture: the network at hand may be another than the one that was analysed. */
function withinImage({ left, top, width, height }: PixelWindow, image: Image): PixelWindow {
  const [x, y] = [Math.min(left, image.width - 1), Math.min(top, image.height - 1)];
  return {
    left: x,
    top: y,
    width: Math.min(width, image.width - x),
    height: Math.min(height, image.height - y),
  };
}

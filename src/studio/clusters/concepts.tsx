import { useMemo } from 'preact/hooks';
import { count, percent, plural, short } from '../../common/format.ts';
import type {
  AnalysedLayer,
  Concept,
  ConceptReport,
  PixelWindow,
  ShownReference,
} from '../../concepts/index.ts';
import { cropImage, type Image } from '../../image/index.ts';
import { Select } from '../parts/controls.tsx';
import { fileFinder } from '../parts/findfile.ts';
import { FoundPart } from '../parts/found.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Picture } from '../parts/picture.tsx';
import { PinButton } from '../parts/pin.tsx';
import { useAsked } from '../state/asked.ts';
import { clustersView, showClusters } from '../state/clusters.ts';
import { analysisCommandText, analysisProgramText } from '../state/elsewhere.ts';
import { modelFiles, photoFiles, type StudioFile, studioFilesSignal } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { room, show } from '../state/view.ts';
import { columnOfAnalysis } from './analysis.ts';

/** What channels of a network carried, and the photos by which one may tell what they stand for. */
export function ConceptsPart({ folder }: { readonly folder: string }) {
  const asked = useAsked('concepts', { folder }, 'reading the concepts');
  if (asked.state === 'failed') return <Failure asked={asked} />;
  const report = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  if (!report) return <Waiting text="reading the concepts" />;
  const { layer: said } = clustersView.value;
  const layer = report.layers.find(({ name }) => name === said) ?? report.layers[0];
  if (!layer) return <p class="hint">No layer was analysed.</p>;
  return <LayerPart folder={folder} report={report} layer={layer} />;
}

function LayerPart({
  folder,
  report,
  layer,
}: {
  readonly folder: string;
  readonly report: ConceptReport;
  readonly layer: AnalysedLayer;
}) {
  const { channel: said } = clustersView.value;
  const { concepts } = layer;
  const concept = concepts.find(({ channel }) => channel === said) ?? concepts[0];
  const drawn = (name: string | undefined) =>
    name === undefined ? undefined : studioFilesSignal.value.get(beside(folder, name));
  const [graph, sheet] = [drawn(report.graph), drawn(layer.sheet)];
  return (
    <>
      <div class="results-tools">
        <h2>
          {report.model.network} over {plural(report.data.photos, 'photo')}
        </h2>
        <Select
          label="Layer"
          value={layer.name}
          choices={report.layers.map(({ name }) => ({ value: name, label: name }))}
          onChange={(value) => {
            const { channel: _, ...rest } = clustersView.value;
            clustersView.value = { ...rest, layer: value };
          }}
        />
        {concept && <PinButton seen={() => seenOfConcept(report, layer, concept)} />}
      </div>
      <div class="clusters-parts">
        <section class="concepts-channels" aria-labelledby="channels-title">
          <h2 id="channels-title">Channels that carried most</h2>
          <p class="hint">
            {plural(layer.half, 'channel')} of {count(layer.channels)} hold half of what speaks for the
            explained classes. Bars are mean shares of the relevance at {layer.name}.
          </p>
          <ChannelList concepts={concepts} chosen={concept?.channel} />
          <ClassChannels layer={layer} />
        </section>
        {concept && (
          <section class="concepts-channel" aria-labelledby="channel-title">
            <ChannelPart report={report} layer={layer} concept={concept} />
          </section>
        )}
      </div>
      {graph && (
        <Drawing
          summary="Which channel feeds which, as a graph"
          file={graph}
          alt={`attribution graph of ${report.layers.map(({ name }) => name).join(', ')}`}
        />
      )}
      {sheet && (
        <Drawing
          summary={`All channels of ${layer.name} on one sheet, with their heatmaps`}
          file={sheet}
          alt={`reference photos of the channels of ${layer.name}`}
        />
      )}
      <FoundPart verb="concepts" report={report} label="the command that makes this analysis" />
    </>
  );
}

/** What the analysis has drawn, shown when it is asked for. */
const Drawing = ({ summary, file, alt }: { summary: string; file: StudioFile; alt: string }) => (
  <details class="elsewhere">
    <summary>{summary}</summary>
    <img class="picture grid-picture" src={addressOfPhoto(file)} alt={alt} loading="lazy" />
  </details>
);

const beside = (folder: string, name: string): string => (folder === '.' ? name : `${folder}/${name}`);

function ChannelList({
  concepts,
  chosen,
}: {
  readonly concepts: readonly Concept[];
  readonly chosen: number | undefined;
}) {
  const most = Math.max(...concepts.map(({ share }) => share.mean));
  return (
    <ul class="scores">
      {concepts.map(({ channel, share: { mean, low, high } }) => (
        <li key={channel}>
          <button type="button" aria-pressed={channel === chosen} onClick={() => showClusters({ channel })}>
            <span class="scores-label">channel {channel}</span>
            <span>
              {percent(mean)}
              {low !== undefined && high !== undefined && (
                <small>
                  {' '}
                  {percent(low)} to {percent(high)}
                </small>
              )}
            </span>
            <span class="scores-bar" style={{ width: `${(100 * Math.max(0, mean)) / most}%` }} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Which channels carry each class. */
function ClassChannels({ layer: { classes, concepts } }: { readonly layer: AnalysedLayer }) {
  if (classes.length < 2) return null;
  const known = new Set(concepts.map(({ channel }) => channel));
  return (
    <dl class="facts concepts-classes">
      {classes.map(({ name, photos, channels }) => (
        <div key={name}>
          <dt>
            {name} <small>{plural(photos, 'photo')}</small>
          </dt>
          <dd class="buttons">
            {channels.map(({ channel, share }) =>
              known.has(channel) ? (
                <button key={channel} type="button" onClick={() => showClusters({ channel })}>
                  {channel} <small>{percent(share)}</small>
                </button>
              ) : (
                <span key={channel}>
                  {channel} <small>{percent(share)}</small>
                </span>
              ),
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const kinds = [
  ['relevance', 'Carries most relevance in'],
  ['activation', 'Is most active in'],
] as const;

/** One channel: its reference photos, cropped to what it looks at, and what feeds it. */
function ChannelPart({
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
      {kinds.map(([kind, title]) => {
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
  const words = kind === 'relevance' ? `${percent(value)} of relevance` : short(value);
  const label = `${photo}, for ${target}: ${words}`;
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
          {asked.state === 'failed' ? asked.message : photo.replace(/^.*\//, '')}
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

const seenOfConcept = (
  report: ConceptReport,
  layer: AnalysedLayer,
  { channel, share, references }: Concept,
) => ({
  title: `Channel ${channel} of ${layer.name}, ${report.model.network}`,
  facts: [
    ['share of the relevance', percent(share.mean)],
    ...kinds.map(
      ([kind, title]) =>
        [
          title.toLowerCase(),
          references
            .filter((each) => each.kind === kind)
            .map(({ photo }) => photo)
            .join(', '),
        ] as const,
    ),
    ['network', `${report.model.file}, SHA-256 ${report.model.sha256}`],
    ['data', `SHA-256 ${report.data.sha256}`],
  ] as const,
  pictures: [],
  command: analysisCommandText('concepts', report),
  program: analysisProgramText('concepts', report),
});

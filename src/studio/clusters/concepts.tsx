import { count, percent, plural } from '../../common/format.ts';
import type { AnalysedLayer, Concept, ConceptReport } from '../../concepts/index.ts';
import { Select } from '../parts/controls.tsx';
import { FoundPart } from '../parts/found.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { PinButton } from '../parts/pin.tsx';
import { useAsked } from '../state/asked.ts';
import { clustersView, showClusters } from '../state/clusters.ts';
import { type StudioFile, studioFilesSignal } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { ChannelPart } from './channel.tsx';
import { seenOfConcept } from './pin.ts';

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
      <FoundPart verb="concepts" report={report} does="that makes this analysis" />
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

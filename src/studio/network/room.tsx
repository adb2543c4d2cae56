import { useMemo, useState } from 'preact/hooks';
import { count, percent, scaled, shapeText, short } from '../../common/format.ts';
import { colormap, renderHeatmap } from '../../image/index.ts';
import type { ExplanationReading, InspectedLayer, InspectResult } from '../../verbs/index.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Picture } from '../parts/picture.tsx';
import type { ChannelSheet } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { requestOf } from '../state/request.ts';
import { activeColumn, activePhoto, view } from '../state/view.ts';
import { NetworkElsewhere } from './elsewhere.tsx';
import { groupLayers } from './groups.ts';

/** The layers of a network: what each is, what it holds of a photo, and where relevance goes. */
export function NetworkRoom() {
  const { model, method, parameters } = activeColumn();
  const composite = method === 'lrp' ? (parameters.composite as string | undefined) : undefined;
  const request = { model, ...(composite !== undefined && { composite }) };
  const asked = useAsked('inspect', request, 'reading the network');
  const [layer, setLayer] = useState<string>();
  return (
    <main id="main" class="network">
      <h1 class="title">{model}</h1>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="reading the network" />}
      {asked.state === 'ready' && (
        <div class="network-parts">
          <LayerList inspected={asked.answer} chosen={layer} onChoose={setLayer} />
          <div class="network-side">
            <LayerPart layer={layer} />
            <Depth />
            <NetworkElsewhere request={request} inspected={asked.answer} />
          </div>
        </div>
      )}
    </main>
  );
}

function LayerList({
  inspected,
  chosen,
  onChoose,
}: {
  readonly inspected: InspectResult;
  readonly chosen: string | undefined;
  onChoose(layer: string): void;
}) {
  const lines = useMemo(() => groupLayers(inspected.layers, inspected.blocks), [inspected]);
  const { total, composite } = inspected;
  const one = (layer: InspectedLayer) => (
    <LayerButton key={layer.name} layer={layer} chosen={layer.name === chosen} onChoose={onChoose} />
  );
  return (
    <section class="layers" aria-labelledby="layers-title">
      <h2 id="layers-title">Layers</h2>
      <p class="hint">
        {count(total.nodes)} operators, {count(total.parameters)} parameters, {scaled(total.multiplyAdds)}{' '}
        multiply-adds. Rules of {composite ?? 'no composite: it cannot be explained'}.
      </p>
      <div class="layers-list">
        {lines.map((line) =>
          line.kind === 'layer' ? (
            one(line.layer)
          ) : (
            <details key={line.layers[0].name} open={line.layers.some(({ name }) => name === chosen)}>
              <summary>
                <span>{line.name}</span>
                <small>
                  {line.layers.length} layers ·{' '}
                  {count(line.layers.reduce((sum, { parameters }) => sum + parameters, 0))} parameters ·{' '}
                  {shapeText(line.layers[line.layers.length - 1].output)}
                </small>
              </summary>
              {line.layers.map(one)}
            </details>
          ),
        )}
      </div>
    </section>
  );
}

function LayerButton({
  layer: { name, type, output, parameters, rule },
  chosen,
  onChoose,
}: {
  readonly layer: InspectedLayer;
  readonly chosen: boolean;
  onChoose(layer: string): void;
}) {
  return (
    <button type="button" class="layer" aria-pressed={chosen} onClick={() => onChoose(name)}>
      <span class="layer-name">{name}</span>
      <span>{type}</span>
      <span>{shapeText(output)}</span>
      <span>{parameters > 0 ? count(parameters) : ''}</span>
      <span class="layer-rule">{rule ?? '–'}</span>
    </button>
  );
}

function LayerPart({ layer }: { readonly layer: string | undefined }) {
  const photo = activePhoto();
  const asked = useAsked(
    'layer',
    layer === undefined || photo === undefined
      ? undefined
      : { request: requestOf(activeColumn(), photo, 'sum'), layer },
    `looking into ${layer}`,
  );
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
  const limit = useMemo(
    () =>
      Math.max(
        ...sheet.channels.flatMap(({ map }) => map.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)),
      ),
    [sheet],
  );
  const all = sheet.shape.length === 3 ? sheet.shape[0] : 1;
  return (
    <div class="sheet">
      <h3>
        {title}{' '}
        <small>
          {shapeText(sheet.shape)}, sum {short(sheet.sum)}, colours to ±{short(limit)}
        </small>
      </h3>
      <ul>
        {sheet.channels.map(({ channel, sum, map }) => (
          <li key={channel}>
            <Picture
              image={renderHeatmap(map, colormap(colors), limit)}
              label={`${title.toLowerCase()} of channel ${channel}`}
              pixels
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

/** Where relevance went on its way down: what each layer received, and what became of it. */
function Depth() {
  const photo = activePhoto();
  const column = activeColumn();
  const fits = column.method === 'lrp' || column.method === 'excitation-backprop';
  const request =
    photo !== undefined && fits ? { ...requestOf(column, photo, 'sum'), conservation: true } : undefined;
  const asked = useAsked('explain', request, 'following the relevance');
  if (!fits)
    return <p class="hint">Where relevance goes is told of lrp; {column.method} does not share the score.</p>;
  return (
    <section aria-labelledby="depth-title">
      <h2 id="depth-title">Where relevance went</h2>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="following the relevance" />}
      {asked.state === 'ready' && <DepthTable reading={asked.answer.reading} />}
    </section>
  );
}

const parts = ['passed', 'bias', 'stabiliser', 'padding', 'other'] as const;

function DepthTable({ reading: { score, conservation = [] } }: { readonly reading: ExplanationReading }) {
  const scale = Math.max(Math.abs(score), ...conservation.map(({ received }) => Math.abs(received)), 1e-12);
  const told = conservation.filter((each) =>
    parts.slice(1).some((part) => Math.abs(each[part]) > 1e-4 * scale),
  );
  const rows = told.length > 0 ? told : conservation;
  return (
    <>
      <p class="hint">
        From the score, {short(score)}, down to the pixels: the layers that keep some of what they receive.{' '}
        <span class="depth-key depth-passed" /> passed on, <span class="depth-key depth-bias" /> kept.
      </p>
      <table class="depth">
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col">received</th>
            <th scope="col">passed</th>
            <th scope="col">bias</th>
            <th scope="col">stabiliser</th>
            <th scope="col">padding</th>
            <th scope="col">other</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <tr key={each.node}>
              <th scope="row">
                {each.node} <small>{each.rule}</small>
              </th>
              <td class="depth-bars">
                {short(each.received)}
                <span class="depth-bar" style={{ width: width(each.received / scale) }}>
                  <span class="depth-passed" style={{ width: width(each.passed / each.received) }} />
                </span>
              </td>
              {parts.map((part) => (
                <td key={part}>{each[part] === 0 ? '' : short(each[part])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const width = (share: number): string =>
  percent(Math.min(1, Math.abs(Number.isFinite(share) ? share : 0))).replace(' ', '');

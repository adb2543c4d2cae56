import { useMemo, useState } from 'preact/hooks';
import { count, scaled, shapeText } from '../../common/format.ts';
import type { InspectedLayer, InspectResult } from '../../verbs/index.ts';
import { Breakable } from '../parts/breakable.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useAsked } from '../state/asked.ts';
import { activeColumn } from '../state/view.ts';
import { Depth } from './depth.tsx';
import { NetworkElsewhere } from './elsewhere.tsx';
import { groupLayers } from './groups.ts';
import { LayerPart } from './sheets.tsx';

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
            <NetworkElsewhere request={request} inspected={asked.answer} looked={{ layer }} />
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
  const { total, composite, obstacle } = inspected;
  const one = (layer: InspectedLayer) => (
    <LayerButton key={layer.name} layer={layer} chosen={layer.name === chosen} onChoose={onChoose} />
  );
  return (
    <section class="layers" aria-labelledby="layers-title">
      <h2 id="layers-title">Layers</h2>
      <p class="hint">
        {count(total.nodes)} operators, {count(total.parameters)} parameters, {scaled(total.multiplyAdds)}{' '}
        multiply-adds. {composite ? `Rules of ${composite}.` : `It cannot be explained: ${obstacle}`}
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
      <span class="layer-name">
        <Breakable text={name} />
      </span>
      <span>
        <Breakable text={type} />
      </span>
      <span>{shapeText(output)}</span>
      <span>{parameters > 0 ? count(parameters) : ''}</span>
      <span class="layer-rule">{rule ?? '–'}</span>
    </button>
  );
}

import type { ExplainRequest } from '../../verbs/index.ts';
import { Copyable } from '../parts/controls.tsx';
import { drawnSvg, saveFile } from '../parts/save.ts';
import type { ShownExplanation } from '../protocol.ts';
import { askWorker } from '../state/asked.ts';
import { explainCommandText, explainProgramText } from '../state/elsewhere.ts';
import { view } from '../state/view.ts';
import { ownLimit } from './limits.ts';

/** The same on the command line and in a program, and as files. */
export function Elsewhere({
  request,
  shown,
}: {
  readonly request: ExplainRequest;
  readonly shown: ShownExplanation;
}) {
  const { drawing } = view.value;
  const { colors, percentile } = drawing;
  const name = shown.item.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const figure = () =>
    askWorker(
      'figure',
      { request, drawing: { colors, percentile, limit: ownLimit(shown.map, percentile) } },
      { text: 'drawing the figure' },
    );
  const save = async (wanted: RegExp) => {
    const asked = { ...request, colors, percentile } as ExplainRequest;
    const files = await askWorker('save', asked, { text: 'writing files' });
    for (const file of files) if (wanted.test(file.name)) saveFile(file.name, file.bytes);
  };
  return (
    <section class="elsewhere" aria-labelledby="elsewhere-title">
      <h2 id="elsewhere-title">Take it with you</h2>
      <div class="buttons">
        <button type="button" onClick={async () => saveFile(`${name}.png`, await drawnSvg(await figure()))}>
          Figure, PNG
        </button>
        <button type="button" onClick={async () => saveFile(`${name}.svg`, await figure())}>
          Figure, SVG
        </button>
        <button type="button" onClick={() => save(/_heatmap\.png$/)}>
          Heatmap, PNG
        </button>
        <button type="button" onClick={() => save(/\.npy$/)}>
          Relevance, .npy
        </button>
        <button type="button" onClick={() => save(/\.json$/)}>
          Numbers and hashes, JSON
        </button>
      </div>
      <details>
        <summary>The same on the command line and in a program</summary>
        <Copyable text={explainCommandText(request, { colors, percentile })} label="the command" />
        <Copyable text={explainProgramText(request)} label="the program" />
      </details>
    </section>
  );
}

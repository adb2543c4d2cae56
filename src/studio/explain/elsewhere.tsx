import { useState } from 'preact/hooks';
import { short } from '../../common/format.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { PinButton, type SeenFinding } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { drawnSvg, saveFile } from '../parts/save.ts';
import type { ShownExplanation } from '../protocol/index.ts';
import { askWorker } from '../state/asked.ts';
import { explainCommandText } from '../state/commands.ts';
import { cutsOf } from '../state/cutfaces.ts';
import { fileNameOf } from '../state/folder.ts';
import { linkOfView, pathWithHash } from '../state/link.ts';
import { explainProgramText } from '../state/programs.ts';
import { view } from '../state/view.ts';
import { sumName } from './answer.tsx';
import { ownLimit } from './limits.ts';
import { keptPictures } from './pictures.ts';

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
  const name = fileNameOf(shown.item).replace(/\.[^.]*$/, '');
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
        <button
          type="button"
          onClick={async () => saveFile(`${name}_explained.png`, await drawnSvg(await figure()))}
        >
          Figure, PNG
        </button>
        <button type="button" onClick={async () => saveFile(`${name}_explained.svg`, await figure())}>
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
        <PinButton seen={() => seenOf(request, shown)} />
        <CopyLink />
      </div>
      <Reproduce
        command={explainCommandText(request, { colors, percentile }, cutsOf(request.photos))}
        program={explainProgramText(request, cutsOf(request.photos))}
      />
    </section>
  );
}

/** What the notebook keeps of an explanation. */
async function seenOf(request: ExplainRequest, shown: ShownExplanation): Promise<SeenFinding> {
  const { colors, percentile } = view.value.drawing;
  const { reading, map, summary } = shown;
  const { model, photos } = request;
  const limit = ownLimit(map, percentile);
  const photo = photos[0];
  return {
    title: `What speaks for ${reading.target.name} in ${photo}`,
    facts: [
      ['score', short(reading.score)],
      [sumName(shown), short(reading.relevance.sum)],
      ['how', summary],
      ['colours end at', `±${short(limit)}`],
      ['photo', await pathWithHash(photo)],
      ['network', await pathWithHash(model)],
    ],
    pictures: keptPictures(shown),
    command: explainCommandText(request, { colors, percentile }, cutsOf(request.photos)),
    program: explainProgramText(request, cutsOf(request.photos)),
  };
}

/** A link that brings the view back, on this host. */
function CopyLink() {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      aria-live="polite"
      onClick={async () => {
        await navigator.clipboard.writeText(await linkOfView());
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      }}
    >
      {copied ? 'Copied' : 'Copy a link'}
    </button>
  );
}

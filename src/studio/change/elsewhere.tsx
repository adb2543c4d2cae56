import { short } from '../../common/format.ts';
import { colormap, overlay } from '../../image/index.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { ownLimit } from '../explain/limits.ts';
import { PinButton, pictureUrl, type SeenFinding } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { saveFile } from '../parts/save.ts';
import type { ShownExplanation } from '../protocol/index.ts';
import { explainCommandText } from '../state/commands.ts';
import { cutsOf } from '../state/cutfaces.ts';
import { fileNameOf } from '../state/folder.ts';
import { pathWithHash } from '../state/link.ts';
import { explainProgramText } from '../state/programs.ts';
import { type Column, requestOf } from '../state/request.ts';
import { view } from '../state/view.ts';
import type { ChangedPhoto } from './canvas.ts';

/** A changed photo to take along, and what says the same of it and of the photo as it was elsewhere. */
export function ChangeElsewhere({
  column,
  before,
  shown,
  photo,
}: {
  readonly column: Column;
  readonly before: ShownExplanation;
  /** What is shown now. */
  readonly shown: ShownExplanation;
  /** Undefined where nothing is changed. */
  readonly photo: ChangedPhoto | undefined;
}) {
  const { colors, percentile } = view.value.drawing;
  const name = changedName(before.item);
  const request: ExplainRequest = {
    ...requestOf(column, before.item, 'sum'),
    photos: photo ? [before.item, name] : [before.item],
  };
  return (
    <section class="elsewhere" aria-label="take it with you">
      <div class="buttons">
        <PinButton seen={() => seenOfChange(request, before, shown)} />
        <button
          type="button"
          disabled={!photo}
          onClick={async () => photo && saveFile(name, await photo.png())}
        >
          Save the changed photo
        </button>
      </div>
      <Reproduce
        command={explainCommandText(request, { colors, percentile }, cutsOf(request.photos))}
        program={explainProgramText(request, cutsOf(request.photos))}
      >
        {photo && (
          <p class="hint">
            Save the changed photo first: it is <code>{name}</code> here.
          </p>
        )}
      </Reproduce>
    </section>
  );
}

/** What a changed photo is saved as: beside the photo, and never in its place. */
const changedName = (item: string): string => `${fileNameOf(item).replace(/\.[^.]*$/, '')}-changed.png`;

/** What the notebook keeps of a change: both scores, both photos, and the map of the changed one. */
async function seenOfChange(
  request: ExplainRequest,
  before: ShownExplanation,
  shown: ShownExplanation,
): Promise<SeenFinding> {
  const { colors, opacity, percentile } = view.value.drawing;
  const { name } = before.reading.target;
  const map = overlay(shown.view, shown.map, colormap(colors), {
    limit: ownLimit(before.map, percentile),
    opacity,
  });
  return {
    title: `What if ${before.item} were another: ${name}`,
    facts: [
      ['score, as it was', short(before.reading.score)],
      ['now', short(shown.reading.score)],
      ['photo', await pathWithHash(before.item)],
      ['network', await pathWithHash(request.model)],
    ],
    pictures: [
      { source: pictureUrl(before.view), alt: 'the photo as it was' },
      { source: pictureUrl(shown.view), alt: 'the changed photo, as the network sees it' },
      { source: pictureUrl(map), alt: `what speaks for ${name} now` },
    ],
    command: explainCommandText(request, { colors, percentile }, cutsOf(request.photos)),
    program: explainProgramText(request, cutsOf(request.photos)),
  };
}

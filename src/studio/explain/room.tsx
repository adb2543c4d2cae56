import { useState } from 'preact/hooks';
import { passesOf } from '../../attribution/fields.ts';
import type { Method } from '../../attribution/method.ts';
import { count, duration } from '../../common/format.ts';
import { Afterwards } from '../parts/afterwards.tsx';
import { Failure, Remark, Waiting } from '../parts/notice.tsx';
import { Picture } from '../parts/picture.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { answered, useAsked } from '../state/asked.ts';
import { photoFiles } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { requestOf, takesLong } from '../state/request.ts';
import { activeColumn, activePhoto, show, showColumn, view } from '../state/view.ts';
import { Answer, Balance, Scores } from './answer.tsx';
import { CutFaces, PhotoCaption } from './cutfaces.tsx';
import { Elsewhere } from './elsewhere.tsx';
import { Grid } from './grid.tsx';
import { Heat, Legend } from './heat.tsx';
import { shownLimit, shownMaps } from './limits.ts';
import { PhotoStrip } from './photos.tsx';
import { DrawingSettingsForm, Settings } from './settings.tsx';

/** Answers and their reasons. */
export function ExplainRoom() {
  const photo = activePhoto();
  const { photos, columns } = view.value;
  return (
    <div class="explain">
      <main id="main" class="explain-main">
        {photo === undefined ? <NoPhoto /> : <Explained photo={photo} />}
        <PhotoStrip />
        {(photos.length > 1 || columns.length > 1) && <Grid />}
      </main>
      <aside class="explain-side" aria-label="settings">
        <Afterwards>
          <Settings />
        </Afterwards>
        <Afterwards>
          <button
            type="button"
            onClick={() => show({ columns: [...columns, { ...activeColumn() }], column: columns.length })}
          >
            Compare with another method or network
          </button>
          <DrawingSettingsForm />
        </Afterwards>
      </aside>
    </div>
  );
}

const NoPhoto = () => <p class="hint">Drop a photo here, paste one, or choose one below.</p>;

function Explained({ photo }: { readonly photo: string }) {
  const column = activeColumn();
  const long = takesLong(column);
  const request = requestOf(column, photo, view.value.drawing.pooling);
  const key = JSON.stringify(request);
  const [started, setStarted] = useState('');
  const asked = useAsked('explain', long && started !== key ? undefined : request, 'explaining the answer');
  const shown = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <>
      <header class="headline">
        <h1>What does the network see?</h1>
        <Answer model={column.model} photo={photo} />
      </header>
      <CutFaces model={column.model} photo={photo} />
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'idle' && (
        <div class="notice">
          <p>
            {column.method} runs the network about{' '}
            {count(passesOf({ ...column.parameters, method: column.method } as Method))} times for this photo.
          </p>
          <button type="button" class="primary" onClick={() => setStarted(key)}>
            Start
          </button>
        </div>
      )}
      {shown ? (
        <Stage photo={photo} shown={shown} stale={asked.state === 'asking'} />
      ) : (
        asked.state === 'asking' && <StagePlace photo={photo} />
      )}
      {shown && asked.state === 'ready' && <Elsewhere request={request} shown={shown} />}
    </>
  );
}

/** The photo is there before the explanation is. */
function StagePlace({ photo }: { readonly photo: string }) {
  return (
    <div class="stage">
      <Original photo={photo} />
      <figure class="stage-relevance">
        <div class="stage-empty">
          <Waiting text="finding out why" />
        </div>
        <figcaption>relevance</figcaption>
      </figure>
    </div>
  );
}

function Original({ photo }: { readonly photo: string }) {
  const file = photoFiles.value.find(({ path }) => path === photo);
  return (
    <figure>
      {file && <img class="picture" src={addressOfPhoto(file)} alt={photo} />}
      <PhotoCaption photo={photo} />
    </figure>
  );
}

function Stage({
  photo,
  shown,
  stale,
}: {
  readonly photo: string;
  readonly shown: ShownExplanation;
  readonly stale: boolean;
}) {
  void answered.value;
  const { drawing } = view.value;
  const { reading, map, view: seen, remarks } = shown;
  const limit = shownLimit(map, drawing, shownMaps(view.value, activeColumn()));
  const { width, height } = seen;
  return (
    <div class={stale ? 'stale' : ''} aria-busy={stale}>
      <div class="stage">
        <div class="stage-photos">
          <Original photo={photo} />
          <figure>
            <Picture image={seen} label="what the network sees of the photo" pixels />
            <figcaption>
              what the network sees, {width}×{height} pixels
            </figcaption>
          </figure>
        </div>
        <figure class="stage-relevance">
          <Heat
            map={map}
            view={seen}
            limit={limit}
            colors={drawing.colors}
            opacity={drawing.opacity}
            label={`what speaks for ${reading.target.name}, and what against it`}
            reads
          />
          <Legend colors={drawing.colors} limit={limit} />
        </figure>
        <div class="stage-numbers">
          <h2>
            What speaks for {reading.target.name}
            {reading.target.classes.length === 0 ? ' (what raises it)' : ''}
          </h2>
          <Scores shown={shown} onTarget={(target) => showColumn({ target })} />
          <Balance shown={shown} />
          {remarks.map((text) => (
            <Remark key={text} text={text} />
          ))}
          {reading.contrast && (
            <button type="button" onClick={() => showColumn({ target: reading.contrast!.target })}>
              Explain {reading.contrast.target}
            </button>
          )}
          <p class="hint">
            {shown.summary}. {duration(shown.milliseconds)}.
          </p>
        </div>
      </div>
    </div>
  );
}

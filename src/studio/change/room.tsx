import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { failed } from '../state/failure.ts';
import { photoFiles, type StudioFile } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { type Column, requestOf, takesLong } from '../state/request.ts';
import { activeColumn, activePhoto } from '../state/view.ts';
import { type ChangedPhoto, changedPhoto } from './canvas.ts';
import { useGiven } from './give.ts';
import { Outcome } from './outcome.tsx';
import { PaintedPhoto } from './paint.tsx';
import { RemovePixels } from './remove.tsx';

/** What would be, if the photo were another: painted over, or without what the map holds for most relevant. */
export function ChangeRoom() {
  const photo = activePhoto();
  const file = photoFiles.value.find(({ path }) => path === photo);
  const column = activeColumn();
  const usable = takesLong(column) ? { ...column, method: 'lrp' as const, parameters: {} } : column;
  const request = file && requestOf(usable, file.path, 'sum');
  const asked = useAsked('explain', request, 'explaining the photo');
  return (
    <main id="main" class="change">
      <h1 class="title">What if?</h1>
      {!file && <p class="hint">Choose a photo in Explain first.</p>}
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="explaining the photo" />}
      {file && asked.state === 'ready' && (
        <Changing key={JSON.stringify(request)} file={file} column={usable} before={asked.answer} />
      )}
    </main>
  );
}

/** How a photo was changed last: so many of its most relevant pixels are covered, or it was painted over, with or without them. */
type Change = { readonly share: number } | 'painted';

function Changing({
  file,
  column,
  before,
}: {
  readonly file: StudioFile;
  readonly column: Column;
  readonly before: ShownExplanation;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [photo, setPhoto] = useState<ChangedPhoto>();
  const [share, setShare] = useState(0);
  const { given, give, takeBack } = useGiven<Change>();
  useEffect(() => {
    if (canvas.current) void changedPhoto(canvas.current, addressOfPhoto(file)).then(setPhoto);
  }, [file]);

  // The class that was explained stays the one that is watched.
  const [{ index } = { index: undefined }] = before.reading.target.classes;
  const against = before.reading.target.against.length > 0;
  const watched: Column = index === undefined || against ? column : { ...column, target: String(index) };
  const request = given && requestOf(watched, given.path, 'sum');
  const asked = useAsked('explain', request, 'looking at the changed photo');
  const removed = given && given.what !== 'painted' && given.what.share === share;
  const changeTo = (change: Change) => {
    if (photo) give(photo, change).catch(failed);
  };
  return (
    <div class="change-parts">
      <PaintedPhoto
        canvas={canvas}
        photo={photo}
        onPainted={() => changeTo('painted')}
        onReset={() => {
          setShare(0);
          takeBack();
        }}
      />
      <Outcome before={before} column={watched} changed={given?.path} asked={asked} photo={photo} />
      <RemovePixels
        photo={photo}
        before={before}
        column={watched}
        share={share}
        score={removed && asked.state === 'ready' ? asked.answer.reading.score : undefined}
        onShare={(next) => {
          setShare(next);
          changeTo({ share: next });
        }}
      />
    </div>
  );
}

import { useState } from 'preact/hooks';
import { saveFile } from '../parts/save.ts';
import { answered } from '../state/asked.ts';
import { cutFacesOut, cutFrom, mayBeWhole, seesCutFaces, showInstead } from '../state/cutfaces.ts';
import { failed } from '../state/failure.ts';
import { studioFilesSignal } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';

/** Of a network that was trained on faces: what to do with a whole photo. */
export function CutFaces({ model, photo }: { readonly model: string; readonly photo: string }) {
  const [busy, setBusy] = useState(false);
  // What is known of the network may come later than the photo.
  void answered.value;
  if (!seesCutFaces(model) || !mayBeWhole(photo)) return null;
  return (
    <div class="notice cut-faces" role="note">
      <p>
        This network was trained on faces that were cut out. Of a whole photo, ask it about the face alone.
      </p>
      <button
        type="button"
        disabled={busy}
        onClick={() => {
          setBusy(true);
          void cutFacesOut({ photo, model })
            .catch(failed)
            .finally(() => setBusy(false));
        }}
      >
        Cut out the faces
      </button>
    </div>
  );
}

/** Cut out again elsewhere, a face may differ by a grey level here and there: this file is the very same. */
function saveKept(photo: string): void {
  const source = studioFilesSignal.value.get(photo)?.source;
  if (source instanceof Blob) saveFile(photo, source);
}

/** Where a photo comes from, if it is a face that was cut out, and the way back. */
export function PhotoCaption({ photo }: { readonly photo: string }) {
  const from = cutFrom(photo);
  if (!from) return <figcaption>the photo</figcaption>;
  return (
    <figcaption>
      a face of {fileNameOf(from.photo)}{' '}
      <button type="button" class="plain" onClick={() => showInstead(photo, [from.photo])}>
        the whole photo
      </button>{' '}
      <button type="button" class="plain" onClick={() => saveKept(photo)}>
        save it
      </button>
    </figcaption>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { ChooseFiles } from '../parts/controls.tsx';
import { client } from '../state/asked.ts';
import { cutFacesOut, seesCutFaces } from '../state/cutfaces.ts';
import { dropFile, photoFiles, type StudioFile } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';
import { chosenFiles, shotOf, takeFiles } from '../state/intake.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { activeColumn, show, view } from '../state/view.ts';
import { stripPhotos } from './strip.ts';

/** So many are shown as pictures; a folder of thousands has its own room. */
const fewest = 60;

/** The photos that there are: one is looked at, several are put side by side. */
export function PhotoStrip() {
  const [shooting, setShooting] = useState(false);
  const photos = photoFiles.value;
  return (
    <section class="strip" aria-label="photos">
      <ul>
        {stripPhotos(photos, view.value.photos, fewest).map((file) => (
          <Thumbnail key={file.path} file={file} />
        ))}
      </ul>
      {photos.length > fewest && <p class="hint">and {photos.length - fewest} more, in Results</p>}
      <div class="buttons">
        <ChooseFiles accept="image/*,.onnx" onFiles={(files) => takeFiles(chosenFiles(files))}>
          Choose photos
        </ChooseFiles>
        {'mediaDevices' in navigator && (
          <button type="button" aria-expanded={shooting} onClick={() => setShooting(!shooting)}>
            Camera
          </button>
        )}
        <span class="hint">or drop or paste them anywhere. They stay in this page.</span>
      </div>
      {shooting && <Camera onDone={() => setShooting(false)} />}
    </section>
  );
}

function Thumbnail({ file }: { readonly file: StudioFile }) {
  const { photos } = view.value;
  const at = photos.indexOf(file.path);
  const name = fileNameOf(file.path);
  return (
    <li class={at >= 0 ? 'chosen' : ''}>
      <button
        type="button"
        class="thumbnail"
        aria-pressed={at >= 0}
        aria-label={`look at ${name}`}
        title={name}
        onClick={() => show(at >= 0 ? { photo: at } : { photos: [file.path], photo: 0 })}
      >
        <img src={addressOfPhoto(file)} alt="" loading="lazy" decoding="async" />
      </button>
      <div class="thumbnail-actions">
        {/* The only photo there is stays. */}
        {(at < 0 || photos.length > 1) && (
          <button
            type="button"
            aria-label={at >= 0 ? `take ${name} out of the comparison` : `put ${name} beside the others`}
            title={at >= 0 ? 'take out of the comparison' : 'put beside the others'}
            onClick={() =>
              show({ photos: at >= 0 ? photos.filter((each) => each !== file.path) : [...photos, file.path] })
            }
          >
            {at >= 0 ? '−' : '+'}
          </button>
        )}
        {file.from === 'kept' && (
          <button
            type="button"
            aria-label={`remove ${name} from this page`}
            title="remove from this page"
            onClick={() => {
              const rest = photos.filter((each) => each !== file.path);
              show({
                photos:
                  rest.length > 0
                    ? rest
                    : photoFiles.value
                        .filter((each) => each !== file)
                        .slice(0, 1)
                        .map(({ path }) => path),
              });
              void dropFile(client, file.path);
            }}
          >
            ×
          </button>
        )}
      </div>
    </li>
  );
}

function Camera({ onDone }: { onDone(): void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [message, setMessage] = useState<string>();
  useEffect(() => {
    let stream: MediaStream | undefined;
    let over = false;
    navigator.mediaDevices.getUserMedia({ video: true }).then(
      (opened) => {
        stream = opened;
        if (over) for (const track of opened.getTracks()) track.stop();
        else if (video.current) video.current.srcObject = opened;
      },
      (error: Error) => setMessage(`the camera cannot be used: ${error.message}`),
    );
    return () => {
      over = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, []);
  if (message) return <p class="notice notice-failed">{message}</p>;
  return (
    <div class="camera">
      <video ref={video} autoplay playsInline muted />
      <button
        type="button"
        class="primary"
        onClick={async () => {
          if (!video.current?.videoWidth) return;
          const shot = await shotOf(video.current);
          await takeFiles([shot]);
          onDone();
          // What it is and why stands above.
          scrollTo({ top: 0 });
          const { model } = activeColumn();
          if (seesCutFaces(model)) await cutFacesOut({ photo: shot.path, model });
        }}
      >
        Take the picture
      </button>
    </div>
  );
}

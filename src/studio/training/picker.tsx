import { useState } from 'preact/hooks';
import { count } from '../../common/format.ts';
import { ChooseFiles, Entry } from '../parts/controls.tsx';
import { photoFiles } from '../state/files.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { mostPinned, pinPhotos, trainingView, unpinPhoto } from '../state/training.ts';

/** So many are shown as pictures; more are found by their names. */
const fewest = 48;

/** Photos to pin, of those that there are. */
export function PhotoPicker() {
  const { photos } = trainingView.value;
  const [words, setWords] = useState('');
  // It stays open while several are pinned.
  const [open, setOpen] = useState(photos.length === 0);
  const all = photoFiles.value;
  const wanted = words.toLowerCase();
  const found = all.filter(({ path }) => path.toLowerCase().includes(wanted));
  const isFull = photos.length >= mostPinned;
  return (
    <details class="picker" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Pin photos</summary>
      <div class="strip">
        {all.length > fewest && (
          <Entry label="Photos whose path contains" value={words} placeholder="test/" onEnter={setWords} />
        )}
        <ul>
          {found.slice(0, fewest).map((file) => {
            const { path } = file;
            const isPinned = photos.includes(path);
            return (
              <li key={path} class={isPinned ? 'chosen' : ''}>
                <button
                  type="button"
                  class="thumbnail"
                  aria-pressed={isPinned}
                  aria-label={`pin ${path}`}
                  title={path}
                  disabled={isFull && !isPinned}
                  onClick={() => (isPinned ? unpinPhoto(path) : pinPhotos([path]))}
                >
                  <img src={addressOfPhoto(file)} alt="" loading="lazy" decoding="async" />
                </button>
              </li>
            );
          })}
        </ul>
        {found.length > fewest && (
          <p class="hint">and {count(found.length - fewest)} more: narrow them by a part of their path</p>
        )}
        {isFull && <p class="hint">{mostPinned} photos are pinned, which is as many as there can be.</p>}
        <div class="buttons">
          <ChooseFiles accept="image/*" onFiles={(files) => takeFiles(chosenFiles(files))}>
            Choose photos
          </ChooseFiles>
          <span class="hint">or drop or paste them anywhere. They stay in this page.</span>
        </div>
      </div>
    </details>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { percent } from '../common/format.ts';
import { ChangeRoom } from './change/room.tsx';
import { ExplainRoom } from './explain/room.tsx';
import { Footer } from './footer.tsx';
import { ModelsRoom } from './models/room.tsx';
import { NetworkRoom } from './network/room.tsx';
import { Afterwards } from './parts/afterwards.tsx';
import { later } from './parts/later.tsx';
import { stopAll, working } from './state/asked.ts';
import { failure } from './state/failure.ts';
import { droppedFiles, pastedFiles, takeFiles } from './state/intake.ts';
import { linkMessage } from './state/link.ts';
import { type Room, room } from './state/view.ts';

const titles: readonly (readonly [Room, string])[] = [
  ['explain', 'Explain'],
  ['change', 'What if'],
  ['network', 'Network'],
  ['models', 'Models'],
  ['results', 'Results'],
  ['clusters', 'Clusters and concepts'],
  ['training', 'Training'],
  ['notebook', 'Notebook'],
  ['teach', 'Teach'],
];

/** Rooms that are loaded when they are entered. */
const laterRooms = {
  results: later(async () => (await import('./results/room.tsx')).ResultsRoom),
  clusters: later(async () => (await import('./clusters/room.tsx')).ClustersRoom),
  notebook: later(async () => (await import('./notebook/room.tsx')).NotebookRoom),
  teach: later(async () => (await import('./teach/room.tsx')).TeachRoom),
  training: later(async () => (await import('./training/room.tsx')).TrainingRoom),
};

const roomOf = () => {
  switch (room.value) {
    case 'change':
      return <ChangeRoom />;
    case 'network':
      return <NetworkRoom />;
    case 'models':
      return <ModelsRoom />;
    case 'results':
      return <laterRooms.results />;
    case 'clusters':
      return <laterRooms.clusters />;
    case 'notebook':
      return <laterRooms.notebook />;
    case 'training':
      return <laterRooms.training />;
    case 'teach':
      return <laterRooms.teach />;
    default:
      return <ExplainRoom />;
  }
};

/** The frame of all rooms: where one is, what is being computed, and files that are dropped anywhere. */
export function Shell() {
  const dropping = useFilesFromAnywhere();
  useFocusInRoom();
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to the answer
      </button>
      <header class="top">
        <p class="wordmark">
          limn <span>studio</span>
        </p>
        <nav aria-label="rooms">
          {titles.map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-current={room.value === name ? 'page' : undefined}
              onClick={() => {
                room.value = name;
              }}
            >
              {title}
            </button>
          ))}
        </nav>
        <Status />
      </header>
      {failure.value && (
        <div class="notice notice-failed intake" role="alert">
          <p>{failure.value}</p>
          <button
            type="button"
            onClick={() => {
              failure.value = undefined;
            }}
          >
            Close
          </button>
        </div>
      )}
      {linkMessage.value && (
        <div class="notice intake" role="status">
          <p>{linkMessage.value}</p>
        </div>
      )}
      <Afterwards>{roomOf()}</Afterwards>
      <Footer />
      {dropping && (
        <div class="dropping" aria-hidden="true">
          Drop photos or a model
        </div>
      )}
    </>
  );
}

/** Not a link: the address holds the view. */
function skipToMain(): void {
  const main = document.querySelector<HTMLElement>('#main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

/** What led into another room is gone with the one that it stood in: the keys go on in the new one. */
function useFocusInRoom(): void {
  const before = useRef(room.value);
  useEffect(() => {
    if (before.current === room.value) return;
    before.current = room.value;
    if (document.activeElement === document.body) skipToMain();
  });
}

/** What is being computed, with a way to end it. */
function Status() {
  const [job] = [...working.value.values()].slice(-1);
  const done = job?.total ? (job.done ?? 0) / job.total : undefined;
  return (
    <div class="status">
      <p role="status">
        {job ? (
          <>
            <span class="spinner" aria-hidden="true" /> {job.text}
            {done !== undefined && `, ${percent(done)}`}
          </>
        ) : (
          ''
        )}
      </p>
      {job && (
        <button type="button" onClick={stopAll}>
          Cancel
        </button>
      )}
    </div>
  );
}

/** Files dropped or pasted anywhere in the page; tells whether something is being dragged over it. */
function useFilesFromAnywhere(): boolean {
  const [dropping, setDropping] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = async (event: DragEvent) => {
      setDropping(false);
      if (!event.dataTransfer || event.defaultPrevented) return;
      event.preventDefault();
      await takeFiles(await droppedFiles(event.dataTransfer));
    };
    const paste = async (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      if (files.length > 0) await takeFiles(pastedFiles(files));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return dropping;
}

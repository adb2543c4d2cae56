import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { GroupColumn, ShownExplanation } from '../protocol/index.ts';
import type { Asked } from '../state/asked.ts';
import type { StudioFile } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import type { Column } from '../state/request.ts';
import { room, show, view } from '../state/view.ts';
import { Heat, Legend } from './heat.tsx';
import { ownLimit } from './limits.ts';

/** One photo of many: what is known of it, the photo itself, and what follows. Escape closes it, and leads back to the others. */
export function PhotoPart({
  name,
  label,
  said,
  columns,
  place,
  file,
  onClose,
  children,
}: {
  readonly name: string;
  readonly label: string;
  /** Above what is known. */
  readonly said?: ComponentChildren;
  readonly columns: readonly GroupColumn[];
  /** Which photo of these. */
  readonly place: number;
  readonly file: StudioFile | undefined;
  onClose(): void;
  readonly children: ComponentChildren;
}) {
  const part = useRef<HTMLElement>(null);
  const close = () => {
    part.current?.parentElement?.querySelector<HTMLElement>('.gallery')?.focus({ preventScroll: true });
    onClose();
  };
  useEffect(() => {
    // The keys may be with the photo or with the others beside it.
    const around = part.current?.parentElement;
    const leave = (event: KeyboardEvent) => event.key === 'Escape' && close();
    around?.addEventListener('keydown', leave);
    return () => around?.removeEventListener('keydown', leave);
  });
  return (
    <section ref={part} class="answer-part" aria-label={label}>
      <header>
        <h2>{fileNameOf(name)}</h2>
        <button type="button" class="quiet" aria-label="close" onClick={close}>
          ×
        </button>
      </header>
      {said}
      <dl class="facts">
        {columns.flatMap(({ name: known, values, of }) =>
          of[place] < 0 ? (
            []
          ) : (
            <div key={known}>
              <dt>{known}</dt>
              <dd>{values[of[place]]}</dd>
            </div>
          ),
        )}
      </dl>
      {file ? (
        <img class="picture" src={addressOfPhoto(file)} alt={name} />
      ) : (
        <p class="hint">The photo is not among the files of this page: drop it, or its folder.</p>
      )}
      {children}
    </section>
  );
}

/** What was found out about a photo, on a scale of its own. */
export function WhyMap({ asked }: { readonly asked: Asked<ShownExplanation> }) {
  const { colors, opacity, percentile } = view.value.drawing;
  if (asked.state === 'failed') return <Failure asked={asked} />;
  const shown = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  if (!shown) return asked.state === 'asking' ? <Waiting text="finding out why" /> : null;
  const { map, view: seen, reading } = shown;
  const limit = ownLimit(map, percentile);
  const isStale = asked.state === 'asking';
  return (
    <div class={isStale ? 'stale-map' : ''} aria-busy={isStale}>
      <Heat
        map={map}
        view={seen}
        limit={limit}
        colors={colors}
        opacity={opacity}
        label={`what speaks for ${reading.target.name}, and what against it`}
        reads
      />
      <Legend colors={colors} limit={limit} />
    </div>
  );
}

/** Leads to the room where the explanation has all that there is to it. */
export const ExplainInFull = ({ path, column }: { readonly path: string; readonly column: Column }) => (
  <button
    type="button"
    onClick={() => {
      show({ photos: [path], columns: [column], photo: 0, column: 0 });
      room.value = 'explain';
    }}
  >
    Explain it in full
  </button>
);
